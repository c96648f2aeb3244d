/**
 * SimDirectories: the directories of a simulated disk, which has paths only: which of them exist,
 * and what tells each from every other, wherever it is moved. They are always durable.
 */
export abstract class SimDirectories {
  readonly #identities = new Map<string, string>();
  #made = 0;

  abstract files(): readonly (readonly [path: string, size: number])[];
  abstract list(directory: string): readonly string[];
  abstract rename(from: string, to: string): void;

  resolve(directory: string): string {
    return directory;
  }

  createDirectory(directory: string): void {
    if (!this.#identities.has(directory)) this.#identities.set(directory, `${++this.#made}`);
  }

  /** A directory is there when it was made, and when the disk came with files in it. */
  identity(directory: string): string | undefined {
    const known = this.#identities.get(directory);
    if (known !== undefined || this.list(directory).length === 0) return known;
    this.createDirectory(directory);
    return this.#identities.get(directory);
  }

  /** Moves a directory with all its files. Requires: no file is at `to`. */
  moveDirectory(from: string, to: string): void {
    const identity = this.identity(from);
    for (const [path] of this.files()) {
      if (path.startsWith(`${from}/`)) this.rename(path, `${to}${path.slice(from.length)}`);
    }
    this.#identities.delete(from);
    if (identity !== undefined) this.#identities.set(to, identity);
  }
}
