/**
 * Transaction: snapshot isolation, first committer wins; or serializable.
 *
 * Reads come from the snapshot taken at the begin, with the transaction's own writes laid over.
 * Writes are kept aside until `commit`, which fails when a key it writes has a version newer than
 * the snapshot, whether that version is durable yet or not.
 *
 *     time        T1              T2
 *      1          begin           begin
 *      2          read x = 0      read x = 0
 *      3          x := 1, commit
 *      4                          x := 2, commit ✗ conflict: x was written after T2's snapshot
 *
 * Snapshot isolation does not prevent write skew: two transactions that read both x and y, and
 * write one each, commit both. A serializable transaction also remembers what it read, and its
 * commit fails when any of that has changed: see read-set.ts.
 */
import { StoreError } from '../errors.ts';
import type { KeyValue, RangeOptions } from './range-read.ts';
import { ReadSet } from './read-set.ts';
import type { Reader } from './snapshot.ts';
import { WriteSet } from './write-set.ts';

export type Isolation = 'snapshot' | 'serializable';

export interface CommitOptions {
  /** Wait for the disk although the store's mode would not. */
  readonly durability?: 'sync';
}

export interface CommitResult {
  /** The commit's lsn; 0 when there was nothing to write. */
  readonly timestamp: number;
}

export interface Committer extends Reader {
  /** `reads`: what must not have changed since the snapshot. */
  commitWrites(
    writes: WriteSet,
    reads: ReadSet | undefined,
    snapshot: number,
    options: CommitOptions,
  ): Promise<CommitResult>;
}

export class Transaction {
  readonly #database: Committer;
  readonly snapshotTimestamp: number;
  readonly #writes = new WriteSet();
  readonly #reads: ReadSet | undefined;
  #state: 'active' | 'finished' = 'active';

  constructor(database: Committer, snapshotTimestamp: number, isolation: Isolation) {
    this.#database = database;
    this.#reads = isolation === 'serializable' ? new ReadSet() : undefined;
    this.snapshotTimestamp = snapshotTimestamp;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#refuseIfFinished();
    if (this.#writes.size > 0) {
      const own = this.#writes.get(key);
      if (own !== undefined) return own.value?.slice();
    }
    this.#reads?.addKey(key);
    return this.#database.getAt(key, this.snapshotTimestamp);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#refuseIfFinished();
    this.#writes.set(key, value);
  }

  delete(key: Uint8Array): void {
    this.#refuseIfFinished();
    this.#writes.set(key, undefined);
  }

  range(options: RangeOptions = {}): Generator<KeyValue, void, void> {
    this.#refuseIfFinished();
    if (this.#writes.size === 0) return this.#rangeRead(options);
    const { limit: _, ...unlimited } = options;
    return this.#writes.over(this.#rangeRead(unlimited), options);
  }

  /**
   * Throws StoreError `conflict` (definite: nothing was written), `transaction-too-large`
   * (definite), `store-failed` (definite only if it was refused before it was encoded).
   */
  async commit(options: CommitOptions = {}): Promise<CommitResult> {
    this.#refuseIfFinished();
    this.#state = 'finished';
    try {
      if (this.#writes.size === 0) return { timestamp: 0 };
      return await this.#database.commitWrites(
        this.#writes,
        this.#reads,
        this.snapshotTimestamp,
        options,
      );
    } finally {
      this.#database.closeSnapshot(this.snapshotTimestamp);
    }
  }

  /** Forgets the writes. Does nothing once the transaction is finished. */
  rollback(): void {
    if (this.#state === 'finished') return;
    this.#state = 'finished';
    this.#database.closeSnapshot(this.snapshotTimestamp);
  }

  #rangeRead(options: RangeOptions): Generator<KeyValue, void, void> {
    const records = this.#database.rangeAt(options, this.snapshotTimestamp);
    return this.#reads === undefined ? records : this.#reads.track(records, options);
  }

  #refuseIfFinished(): void {
    if (this.#state === 'active') return;
    throw new StoreError('transaction-finished', 'the transaction is finished', true);
  }
}
