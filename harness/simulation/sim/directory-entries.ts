/**
 * DirectoryEntries: which path names which file, twice: what a program sees, and what the medium has.
 *
 * Invariants:
 * 1. A sync covers the changes made before it began, and no others, however many syncs overlap.
 * 2. A failed sync changes nothing: a power cut may still keep or take what it covered, and a later
 *    sync makes it durable, as file systems with a journal do that go on at all.
 * 3. Changes that are not durable keep their order: a power cut keeps any subset, applied in it.
 */
import type { SimFile } from './sim-file.ts';

export type EntryChange =
  | { readonly kind: 'link'; readonly path: string; readonly file: SimFile }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: SimFile };

export class DirectoryEntries {
  #seen = new Map<string, SimFile>();
  #durable = new Map<string, SimFile>();
  #pending: EntryChange[] = [];
  /** Changes that syncs have taken out of `#pending`. */
  #settled = 0;
  /** The last result of `list`, while valid. */
  #listed: { readonly directory: string; readonly names: readonly string[] } | undefined;

  /** Entries that are all durable. Takes the map over. */
  static onMedium(durable: Map<string, SimFile>): DirectoryEntries {
    const entries = new DirectoryEntries();
    entries.#seen = new Map(durable);
    entries.#durable = durable;
    return entries;
  }

  /** Changes made so far. */
  get changes(): number {
    return this.#settled + this.#pending.length;
  }

  get(path: string): SimFile | undefined {
    return this.#seen.get(path);
  }

  seen(): ReadonlyMap<string, SimFile> {
    return this.#seen;
  }

  durable(): ReadonlyMap<string, SimFile> {
    return this.#durable;
  }

  /** What is not durable, in the order it was made. */
  pending(): readonly EntryChange[] {
    return this.#pending;
  }

  /** Files that an entry names, durable or not. */
  reachable(): Set<SimFile> {
    const files = new Set([...this.#durable.values(), ...this.#seen.values()]);
    for (const change of this.#pending) if (change.kind !== 'unlink') files.add(change.file);
    return files;
  }

  make(change: EntryChange): void {
    applyEntry(this.#seen, change);
    this.#pending.push(change);
    this.#listed = undefined;
  }

  /** Names of the entries below `directory`, sorted. */
  list(directory: string): readonly string[] {
    if (this.#listed?.directory === directory) return this.#listed.names;
    const prefix = `${directory}/`;
    const names: string[] = [];
    for (const path of this.#seen.keys()) {
      if (path.startsWith(prefix)) names.push(path.slice(prefix.length));
    }
    this.#listed = { directory, names: names.sort() };
    return names;
  }

  /** The changes up to number `changes` reached the medium. */
  completeSync(changes: number): void {
    const count = Math.max(0, changes - this.#settled);
    for (const change of this.#pending.splice(0, count)) applyEntry(this.#durable, change);
    this.#settled += count;
  }

  failSync(): void {
    // See invariant 2.
  }

  /** The same entries over copies of their files. */
  copy(copyOf: (file: SimFile) => SimFile): DirectoryEntries {
    const copies = new DirectoryEntries();
    const copied = (entries: ReadonlyMap<string, SimFile>) =>
      new Map([...entries].map(([path, file]) => [path, copyOf(file)] as const));
    copies.#durable = copied(this.#durable);
    copies.#seen = copied(this.#seen);
    copies.#pending = this.#pending.map((change) =>
      change.kind === 'unlink' ? change : { ...change, file: copyOf(change.file) },
    );
    return copies;
  }
}

export function applyEntry(entries: Map<string, SimFile>, change: EntryChange): void {
  if (change.kind === 'link') entries.set(change.path, change.file);
  else if (change.kind === 'unlink') entries.delete(change.path);
  else {
    if (entries.get(change.from) === change.file) entries.delete(change.from);
    entries.set(change.to, change.file);
  }
}
