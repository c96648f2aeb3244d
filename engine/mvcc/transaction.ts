/**
 * Transaction: snapshot isolation, first committer wins.
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
 * Not prevented: write skew. Two transactions that read both x and y, and write one each, commit
 * both. Serializable isolation would be needed for that.
 */
import { StoreError } from '../errors.ts';
import type { KeyValue, RangeOptions } from './range-read.ts';
import type { Reader } from './snapshot.ts';
import { WriteSet } from './write-set.ts';

export interface CommitOptions {
  /** Wait for the disk although the store's mode would not. */
  readonly durability?: 'sync';
}

export interface CommitResult {
  /** The commit's lsn; 0 when there was nothing to write. */
  readonly timestamp: number;
}

export interface Committer extends Reader {
  commitWrites(writes: WriteSet, snapshot: number, options: CommitOptions): Promise<CommitResult>;
}

export class Transaction {
  readonly #database: Committer;
  readonly snapshotTimestamp: number;
  readonly #writes = new WriteSet();
  #state: 'active' | 'finished' = 'active';

  constructor(database: Committer, snapshotTimestamp: number) {
    this.#database = database;
    this.snapshotTimestamp = snapshotTimestamp;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#refuseIfFinished();
    const own = this.#writes.get(key);
    if (own !== undefined) return own.value?.slice();
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
    if (this.#writes.size === 0) return this.#database.rangeAt(options, this.snapshotTimestamp);
    const { limit: _, ...unlimited } = options;
    const base = this.#database.rangeAt(unlimited, this.snapshotTimestamp);
    return this.#writes.over(base, options);
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
      return await this.#database.commitWrites(this.#writes, this.snapshotTimestamp, options);
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

  #refuseIfFinished(): void {
    if (this.#state === 'active') return;
    throw new StoreError('transaction-finished', 'the transaction is finished', true);
  }
}
