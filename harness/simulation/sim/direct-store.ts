/**
 * DirectStore: a simulated store without sessions, for harness code that opens thousands a second.
 * Keys and values are text; everything is done in the caller's turn but what waits for the disk.
 */

/** Reads of a block after which a store must have it in its cache. */
export const PASSES_BEFORE_KEPT = 16;

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
  /** The same records one by one, for readers that take their time. Ends when it is left, too. */
  walk(query: DirectRange): Iterable<readonly [key: string, value: string]>;
}

export interface DirectSnapshot extends DirectReader {
  read(): Content;
  close(): void;
}

/**
 * An optimistic transaction: `commit` throws when what it wrote, or read, has changed since. Resolves
 * with the commit's timestamp, 0 when there was nothing to write.
 */
export interface DirectTransaction extends DirectReader {
  write(change: Change): void;
  commit(): Promise<number>;
  rollback(): void;
}

/** The store call that makes a commit; a batch if the changes or the mode allow no other. */
export const WRITE_CALLS = [
  'batch',
  'single',
  'at once',
  'transaction',
  'serializable transaction',
  'transact',
  'serializable transact',
] as const;
export type WriteCall = (typeof WRITE_CALLS)[number];

/** What a store says of how it came back. */
export interface Recovery {
  readonly createdStore: boolean;
  readonly cleanShutdown: boolean;
  readonly replayedCommits: number;
  readonly replayedBytes: number;
  /** Whole commits and marks that were thrown away behind a torn place. */
  readonly discardedFrames: number;
  /** The timestamp of the newest commit; 0 if there is none. */
  readonly lastTimestamp: number;
  readonly durationMs: number;
}

export interface DirectStore extends DirectReader {
  readonly recovery: Recovery;
  /**
   * One atomic commit; resolves with its timestamp when it is acknowledged. `null` deletes. `durably`:
   * whatever the mode. `call`: left out, a batch.
   */
  write(changes: readonly Change[], durably?: boolean, call?: WriteCall): Promise<number>;
  /**
   * Runs `body` and commits, again after each conflict. Resolves with the newest timestamp then: that
   * of the commit, where nobody else writes.
   */
  transact(
    body: (transaction: Omit<DirectTransaction, 'commit' | 'rollback'>) => Promise<void>,
    isolation?: 'snapshot' | 'serializable',
  ): Promise<number>;
  /** Resolves when every commit so far is durable, whatever the mode. */
  sync(): Promise<void>;
  /** As `get` of each, in one call. */
  getMany(keys: readonly string[]): readonly (string | undefined)[];
  /** Of one snapshot, as stores on top of it read: some keys, and a page of a range. */
  readTogether(
    keys: readonly string[],
    query: DirectRange,
  ): Promise<{ readonly values: readonly (string | undefined)[]; readonly page: Content }>;
  /** Everything, in key order. */
  read(): Content;
  /** Everything, in key order, read backwards and turned round. */
  readReversed(): Content;
  snapshot(): DirectSnapshot;
  /**
   * The store as it was at a commit's timestamp, or at a date by the wall clock, to the second.
   * Throws a `snapshot-too-old` when that is gone.
   */
  snapshotAt(when: number | Date): DirectSnapshot;
  begin(): DirectTransaction;
  /** What it holds in memory for data, indexes and caches, as far as it can tell. */
  memoryBytes(): number;
  /** Beside that, what background work takes, or keeps for the next time. */
  workBytes(): number;
  /** Bytes of log that a recovery would have to read. */
  unflushedBytes(): number;
  checkpoint(): Promise<void>;
  compact(): Promise<void>;
  close(): Promise<void>;
}
