/**
 * What a store must do, as a list of contents: one a commit. Keys are text of one character a byte,
 * so that they compare as the bytes do.
 */
export type Content = ReadonlyMap<string, string>;
export type Change = readonly [key: string, value: string | null];

export interface Range {
  readonly from?: string;
  readonly to?: string;
  readonly prefix?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface ModelTransaction {
  readonly serializable: boolean;
  /** Commits that it sees. */
  readonly sees: number;
  readonly writes: Map<string, string | null>;
  /** What it has read: single keys, and ranges. */
  readonly read: ((key: string) => boolean)[];
}

export class Model {
  /** What each commit changed, from the first. */
  readonly commits: (readonly Change[])[] = [];
  readonly contents: Content[] = [new Map()];
  readonly transactions: ModelTransaction[] = [];
  /** Of open snapshots: how many commits each shows. */
  readonly snapshots: number[] = [];
  /** The first commit of this life of the store. */
  born = 0;

  get content(): Content {
    return this.contents.at(-1)!;
  }

  commit(changes: readonly Change[]): void {
    const next = new Map(this.content);
    for (const [key, value] of changes) {
      if (value === null) next.delete(key);
      else next.set(key, value);
    }
    this.commits.push(changes);
    this.contents.push(next);
  }

  /** What a transaction reads: its snapshot and its own writes. */
  seenBy({ sees, writes }: ModelTransaction): Content {
    const seen = new Map(this.contents[sees]);
    for (const [key, value] of writes) {
      if (value === null) seen.delete(key);
      else seen.set(key, value);
    }
    return seen;
  }

  /** Whether the transaction has to be refused. */
  conflicts({ sees, writes, read, serializable }: ModelTransaction): boolean {
    if (writes.size === 0) return false;
    const since = this.commits.slice(sees).flat();
    return since.some(
      ([key]) => writes.has(key) || (serializable && read.some((covers) => covers(key))),
    );
  }

  /** A process ends: whatever was open is gone. */
  restart(): void {
    this.transactions.length = 0;
    this.snapshots.length = 0;
    this.born = this.commits.length;
  }
}

export function covers({ from, to, prefix }: Range): (key: string) => boolean {
  return (key) =>
    (from === undefined || key >= from) &&
    (to === undefined || key < to) &&
    (prefix === undefined || key.startsWith(prefix));
}

export function rangeOf(content: Content, range: Range): [key: string, value: string][] {
  const inside = covers(range);
  const found = [...content].filter(([key]) => inside(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (range.reverse === true) found.reverse();
  return found.slice(0, range.limit);
}
