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
import { knownOptions, oneOf, refuseNonBytes } from '../arguments.ts';
import { StoreError } from '../errors.ts';
import type { EntryArena } from '../wal/entry-arena.ts';
import { OpenRanges } from './open-ranges.ts';
import { type RangeOptions, rangeBounds } from './range-options.ts';
import { type KeyValue, visibleRecords } from './range-read.ts';
import { ReadSet } from './read-set.ts';
import type { Reader } from './snapshot.ts';
import { WriteSet } from './write-set.ts';

export type Isolation = 'snapshot' | 'serializable';

const LEVELS = ['snapshot', 'serializable'] as const;

export interface CommitOptions {
  /** Wait for the disk although the store's mode would not. */
  readonly durability?: 'sync';
}

export interface CommitResult {
  /** The commit's lsn; 0 when there was nothing to write. */
  readonly timestamp: number;
}

export interface TransactOptions extends CommitOptions {
  /** Default: the store's. */
  readonly isolation?: Isolation;
}

/** Read once. Throws StoreError `invalid-options`. */
export function transactOptions(options: TransactOptions | undefined): {
  readonly isolation?: Isolation;
  readonly commit?: CommitOptions;
} {
  if (options === undefined) return {};
  const known = { durability: true, isolation: true } as const;
  const { durability, isolation } = knownOptions(options, known, 'options of transact');
  return {
    ...(durability !== undefined && {
      commit: { durability: oneOf('durability', durability, ['sync']) },
    }),
    ...(isolation !== undefined && { isolation: checkIsolation(isolation) }),
  };
}

/** Whether a commit waits for the disk whatever the mode. Throws StoreError `invalid-options`. */
export function waitsForDisk(options: CommitOptions | undefined): boolean {
  if (options === undefined) return false;
  const { durability } = knownOptions(options, { durability: true }, 'commit options');
  return durability !== undefined && oneOf('durability', durability, ['sync']) === 'sync';
}

/** Throws StoreError `invalid-options`. */
export function checkIsolation(isolation: unknown): Isolation {
  return oneOf('isolation', isolation, LEVELS);
}

export interface Committer extends Reader {
  /** Limit of the encoded writes of one transaction, in bytes. */
  readonly transactionBytesMax: number;
  /** `reads`: what must not have changed since the snapshot. `durably`: whatever the mode. */
  commitWrites(
    writes: WriteSet,
    reads: ReadSet | undefined,
    snapshot: number,
    durably: boolean,
  ): Promise<CommitResult>;
  /** Memory for the writes of a transaction; returned when it ends. */
  takeArena(): EntryArena;
  giveBack(arena: EntryArena): void;
}

export class Transaction {
  readonly #store: Committer;
  readonly #snapshot: number;
  #writes: WriteSet | undefined;
  readonly #reads: ReadSet | undefined;
  readonly #ranges: OpenRanges;
  #isActive = true;

  constructor(store: Committer, snapshot: number, isolation: Isolation) {
    this.#store = store;
    this.#reads = isolation === 'serializable' ? new ReadSet() : undefined;
    this.#ranges = new OpenRanges(store.ranges);
    this.#snapshot = snapshot;
  }

  get isolation(): Isolation {
    return this.#reads === undefined ? 'snapshot' : 'serializable';
  }

  /** The last commit that it reads. */
  get snapshotTimestamp(): number {
    return this.#snapshot;
  }

  /** A copy of the value, or `undefined`. Throws StoreError `invalid-argument`. */
  get(key: Uint8Array): Uint8Array | undefined {
    this.#refuseIfFinished();
    const own = this.#writes?.get(key);
    if (own !== undefined) return own ?? undefined;
    const noted = this.#reads?.addKey(key) ?? key;
    return this.#store.getAt(noted, this.#snapshot);
  }

  /**
   * Throws StoreError `invalid-argument`, `key-empty`, `key-too-large`, `value-too-large` or
   * `transaction-too-large`, all definite: this write is then not part of the transaction.
   */
  put(key: Uint8Array, value: Uint8Array): void {
    this.#refuseIfFinished();
    if (value === undefined) refuseNonBytes(value, 'value'); // in a write set that is a delete
    this.#written().set(key, value);
  }

  /** Throws as `put`. */
  delete(key: Uint8Array): void {
    this.#refuseIfFinished();
    this.#written().set(key, undefined);
  }

  /**
   * Records in key order, own writes included, as of the moment when the first is asked for: later
   * writes of this transaction do not show. It ends with the transaction.
   */
  range(options?: RangeOptions): Generator<KeyValue, void, void> {
    this.#refuseIfFinished();
    const bounds = rangeBounds(options);
    return visibleRecords(this.#ranges, bounds, () => ({
      cursor: this.#store.cursor(bounds),
      atLsn: this.#snapshot,
      pending: this.#writes?.within(bounds),
      seen: this.#reads?.beginRange(bounds),
    }));
  }

  /**
   * Throws StoreError `conflict` (definite: nothing was written), `store-failed` (definite only if
   * it was refused before it was encoded), and `invalid-options`, after which it may be called again.
   */
  async commit(options?: CommitOptions): Promise<CommitResult> {
    this.#refuseIfFinished();
    const durably = waitsForDisk(options);
    const writes = this.#writes;
    this.#finish();
    try {
      if (writes === undefined || writes.size === 0) return { timestamp: 0 }; // or all were refused
      return await this.#store.commitWrites(writes, this.#reads, this.#snapshot, durably);
    } finally {
      this.#store.closeSnapshot(this.#snapshot);
      if (writes !== undefined) this.#store.giveBack(writes.arena);
    }
  }

  /** Forgets the writes. Does nothing once the transaction is finished. */
  rollback(): void {
    if (!this.#isActive) return;
    const writes = this.#writes;
    this.#finish();
    if (writes !== undefined) this.#store.giveBack(writes.arena);
    this.#store.closeSnapshot(this.#snapshot);
  }

  #written(): WriteSet {
    const { transactionBytesMax } = this.#store;
    this.#writes ??= new WriteSet(transactionBytesMax, this.#store.takeArena());
    return this.#writes;
  }

  #finish(): void {
    this.#isActive = false;
    this.#writes = undefined;
    this.#ranges.end(finished);
  }

  #refuseIfFinished(): void {
    if (!this.#isActive) throw finished();
  }
}

function finished(): StoreError {
  return new StoreError('transaction-finished', 'the transaction is finished', true);
}
