/**
 * DirectStore: a simulated store without sessions, for harness code that opens thousands a second.
 * Keys and values are text; everything is done in the caller's turn but what waits for the disk.
 */
export type Change = readonly [key: string, value: string | null];
export type Content = readonly (readonly [key: string, value: string])[];

/** Which records, in which order: from `from` (inclusive) up to `to` (exclusive), all that begin with `prefix`. */
export interface DirectRange {
  readonly from?: string;
  readonly to?: string;
  readonly prefix?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface DirectReader {
  get(key: string): string | undefined;
  range(query: DirectRange): Content;
}

export interface DirectSnapshot extends DirectReader {
  read(): Content;
  /** The records one by one, for readers that take their time. Ends when it is left, too. */
  walk(): Iterable<readonly [key: string, value: string]>;
  close(): void;
}

/** An optimistic transaction: `commit` throws when what it wrote, or read, has changed since. */
export interface DirectTransaction extends DirectReader {
  write(change: Change): void;
  commit(): Promise<void>;
  rollback(): void;
}

export interface DirectStore extends DirectReader {
  /**
   * One atomic commit; resolves with its timestamp when it is acknowledged. `null` deletes. `durably`:
   * whatever the mode.
   */
  write(changes: readonly Change[], durably?: boolean): Promise<number>;
  /** Resolves when every commit so far is durable, whatever the mode. */
  sync(): Promise<void>;
  /** As `get` of each, in one call. */
  getMany(keys: readonly string[]): readonly (string | undefined)[];
  /** Everything, in key order. */
  read(): Content;
  /** Everything, in key order, read backwards and turned round. */
  readReversed(): Content;
  snapshot(): DirectSnapshot;
  /** The store as it was at a commit's timestamp. Throws a `snapshot-too-old` when that is gone. */
  snapshotAt(timestamp: number): DirectSnapshot;
  begin(): DirectTransaction;
  /** What it holds in memory for data, indexes and caches, as far as it can tell. */
  memoryBytes(): number;
  checkpoint(): Promise<void>;
  compact(): Promise<void>;
  close(): Promise<void>;
}
