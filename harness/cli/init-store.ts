/**
 * The small store that `assay init` writes next to its target, so that the project works before the
 * user connects a real database: records in memory, commits in a log of JSON lines, synced before they
 * return.
 */
export const storeText = (): string => `import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { join } from 'node:path';

type Changes = Map<string, string | null>;

/** A small store to begin with. Put your own in its place. */
export class Store {
  readonly #file: number;
  readonly #records = new Map<string, string>();
  /** The commit that changed a key last. */
  readonly #changedBy = new Map<string, number>();
  #commits = 0;

  static open(directory: string): Store {
    const path = join(directory, 'log');
    const lines = fs.existsSync(path) ? fs.readFileSync(path, 'utf8').split('\\n') : [''];
    lines.pop(); // a line that a crash cut short, or nothing
    const store = new Store(path, lines);
    // The name of a new file is durable once its directory is synced.
    const entry = fs.openSync(directory, 'r');
    fs.fsyncSync(entry);
    fs.closeSync(entry);
    return store;
  }

  private constructor(path: string, lines: readonly string[]) {
    let length = 0;
    for (const line of lines) {
      const changes = parse(line);
      if (changes === undefined) break; // torn: nothing after it was acknowledged
      this.#apply(changes);
      length += Buffer.byteLength(line) + 1;
    }
    this.#file = fs.openSync(path, 'a');
    fs.ftruncateSync(this.#file, length);
    fs.fsyncSync(this.#file); // what is read from now on stays
  }

  begin() {
    const snapshot = new Map(this.#records);
    const began = this.#commits;
    const changes: Changes = new Map();
    return {
      get: (key: string): string | undefined => {
        const changed = changes.get(key);
        return changed === undefined ? snapshot.get(key) : (changed ?? undefined);
      },
      put: (key: string, value: string): void => void changes.set(key, value),
      delete: (key: string): void => void changes.set(key, null),
      range: (query: { prefix: string; limit?: number; reverse?: boolean }) => {
        const seen = new Map(snapshot);
        for (const [key, value] of changes) {
          if (value === null) seen.delete(key);
          else seen.set(key, value);
        }
        const found = [...seen].filter(([key]) => key.startsWith(query.prefix));
        found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        if (query.reverse) found.reverse();
        return found.slice(0, query.limit ?? found.length);
      },
      commit: (): void => this.#commit(began, changes),
      rollback: (): void => changes.clear(),
    };
  }

  close(): void {
    fs.closeSync(this.#file);
  }

  #commit(began: number, changes: Changes): void {
    if (changes.size === 0) return;
    for (const key of changes.keys()) {
      if ((this.#changedBy.get(key) ?? 0) <= began) continue;
      const message = \`\${key} was changed since the transaction began\`;
      throw Object.assign(new Error(message), { code: 'conflict', definite: true });
    }
    fs.writeSync(this.#file, \`\${JSON.stringify([...changes])}\\n\`);
    fs.fsyncSync(this.#file); // without it a power cut takes what was acknowledged
    this.#apply(changes);
  }

  #apply(changes: Changes): void {
    this.#commits++;
    for (const [key, value] of changes) {
      this.#changedBy.set(key, this.#commits);
      if (value === null) this.#records.delete(key);
      else this.#records.set(key, value);
    }
  }
}

function parse(line: string): Changes | undefined {
  try {
    return new Map(JSON.parse(line) as [string, string | null][]);
  } catch {
    return undefined;
  }
}
`;
