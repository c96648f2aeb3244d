/**
 * Tenant: one of the stores of a hostile caller with its in-memory model, and the snapshots and
 * transactions that are open on it.
 */
import { isOperationError } from '../../../contract/target.ts';
import type { Prng } from '../../../random/prng.ts';
import type { ByteSnapshot, ByteTransaction, OpenedBytes } from '../../sim/byte-store.ts';
import type { Change } from '../../sim/direct-store.ts';
import { ModelMap } from '../model-map.ts';
import type { BorrowedMemory } from './borrowed-memory.ts';
import { Reads } from './reads.ts';
import { codeOf, type Owner, type Walks } from './walks.ts';

interface HeldSnapshot extends Owner {
  readonly reader: ByteSnapshot;
}

interface OpenTransaction extends Owner {
  readonly reader: ByteTransaction;
  readonly reads: Reads;
  readonly isSerializable: boolean;
  readonly base: ModelMap;
  readonly written: Map<string, string | null>;
  /** How many keys had been committed when it began. */
  readonly since: number;
}

type Same = (what: string, found: unknown, expected: unknown) => void;

const OPEN_MAX = 3;

export class Tenant {
  readonly #random: Prng;
  readonly #memory: BorrowedMemory;
  readonly #walks: Walks;
  readonly #same: Same;
  readonly directory: string;
  readonly model = new ModelMap();
  /** Every key that a commit wrote, in order. */
  readonly #committed: string[] = [];
  #snapshots: HeldSnapshot[] = [];
  #transactions: OpenTransaction[] = [];
  opened!: OpenedBytes;
  owner!: Owner;

  constructor(
    directory: string,
    parts: { random: Prng; memory: BorrowedMemory; walks: Walks; same: Same },
  ) {
    this.directory = directory;
    this.#random = parts.random;
    this.#memory = parts.memory;
    this.#walks = parts.walks;
    this.#same = parts.same;
  }

  open(opened: OpenedBytes): void {
    this.opened = opened;
    this.owner = { reader: opened.store, shows: (query) => this.model.range(query) };
  }

  applied(changes: readonly Change[]): void {
    this.model.apply(changes);
    for (const [key] of changes) this.#committed.push(key);
  }

  /** Whom a range may be asked of. */
  anyOwner(): Owner {
    return this.#random.pick([this.owner, ...this.#snapshots, ...this.#transactions]);
  }

  hold(): void {
    if (this.#snapshots.length === OPEN_MAX) this.#release(0);
    const shows = this.model.copy();
    const reader = this.opened.store.snapshot();
    this.#snapshots.push({ reader, shows: (query) => shows.range(query) });
  }

  release(): void {
    if (this.#snapshots.length > 0) this.#release(this.#random.below(this.#snapshots.length));
  }

  begin(): void {
    if (this.#transactions.length === OPEN_MAX) return;
    const isSerializable = this.#random.chance(0.5);
    const reader = this.opened.store.begin(isSerializable ? 'serializable' : 'snapshot');
    const base = this.model.copy();
    const written = new Map<string, string | null>();
    this.#transactions.push({
      reader,
      isSerializable,
      reads: new Reads(),
      base,
      written,
      since: this.#committed.length,
      shows: (query) => overlaid(base, written).range(query),
    });
  }

  /** Reads and writes within some transaction; `underRange`: while a range of it is open. */
  use(keys: readonly string[], changes: readonly Change[], underRange: boolean): void {
    if (this.#transactions.length === 0) this.begin();
    const transaction = this.#random.pick(this.#transactions);
    const { reader, base, written, reads } = transaction;
    const memory = this.#memory;
    for (const key of keys) {
      const [found] = memory.taken(memory.during(() => reader.get(memory.lend(key))));
      const own = written.get(key);
      this.#same(`get ${key}`, found, own === undefined ? base.get(key) : (own ?? undefined));
      if (own === undefined) reads.keys.add(key);
    }
    if (underRange) this.#walks.writeUnder(transaction, () => this.#write(transaction, changes));
    else this.#write(transaction, changes);
  }

  #write({ reader, written }: OpenTransaction, changes: readonly Change[]): void {
    const memory = this.#memory;
    for (const [key, value] of changes) {
      try {
        memory.during(() => {
          if (value === null) reader.delete(memory.lend(key));
          else reader.put(memory.lend(key), memory.lend(value));
        });
      } catch (error) {
        if (!isOperationError(error) || error.code !== 'transaction-too-large') throw error;
        continue; // it is as it was without this write
      }
      written.set(key, value);
    }
  }

  /** Ends some transaction: whether it conflicts is known. */
  async finish(): Promise<void> {
    if (this.#transactions.length === 0) return;
    const at = this.#random.below(this.#transactions.length);
    const [transaction] = this.#transactions.splice(at, 1) as [OpenTransaction];
    const { reader, written, reads, isSerializable } = transaction;
    transaction.ended = 'transaction-finished';
    if (this.#random.chance(0.2)) reader.rollback();
    else {
      const since = this.#committed.slice(transaction.since);
      const conflicts = since.some(
        (key) => written.has(key) || (isSerializable && reads.covers(key)),
      );
      const expected = conflicts && written.size > 0 ? 'conflict' : 'committed';
      const outcome = await reader.commit().then(
        () => 'committed',
        (error: { code?: unknown }) => String(error.code ?? error),
      );
      this.#same('the outcome of a commit', outcome, expected);
      if (outcome === 'committed') this.applied([...written]);
    }
    this.#walks.ended(transaction);
    this.#refused(() => reader.get(this.#memory.lend('a')), transaction.ended);
    this.#refused(
      () => reader.put(this.#memory.lend('a'), this.#memory.lend('b')),
      transaction.ended,
    );
    this.#refused(() => reader.range(), transaction.ended);
  }

  releaseAll(): void {
    while (this.#snapshots.length > 0) this.#release(0);
    for (const transaction of this.#transactions.splice(0)) {
      transaction.reader.rollback();
      transaction.ended = 'transaction-finished';
      this.#walks.ended(transaction);
    }
  }

  /**
   * Closes the store with all that is open on it, while `changes` are being written: each of these is
   * acknowledged, and there after the close, or refused. Whatever is called after is refused.
   */
  async close(
    changes: readonly Change[] = [],
    wait = (): Promise<void> => Promise.resolve(),
  ): Promise<void> {
    const { store, newBatch } = this.opened;
    const memory = this.#memory;
    const writing = changes.map((change) =>
      memory
        .during(() => this.#begun(change))
        .then(
          () => this.applied([change]),
          (error: { code?: unknown }) =>
            this.#same('a write while closing', error.code, 'store-closed'),
        ),
    );
    await wait();
    const open = [this.owner, ...this.#snapshots, ...this.#transactions];
    const closing = [store.close(), store.close()];
    for (const one of open) {
      one.ended = 'store-closed';
      this.#walks.ended(one);
      this.#refused(() => one.reader.get(memory.lend('a')), 'store-closed');
    }
    this.#refused(() => store.getMany([memory.lend('a')]), 'store-closed');
    this.#refused(() => store.range(), 'store-closed');
    this.#refused(() => store.snapshot(), 'store-closed');
    this.#refused(() => store.begin(), 'store-closed');
    const batch = newBatch();
    batch.put(Uint8Array.of(97), Uint8Array.of(98));
    const late = [store.put(memory.lend('a'), memory.lend('b')), store.write(batch)];
    for (const settled of await Promise.allSettled(late)) {
      const reason = settled.status === 'rejected' ? settled.reason : undefined;
      this.#same('a write after the close', reason?.code, 'store-closed');
    }
    await Promise.all([...closing, ...writing]);
    for (const { reader } of this.#snapshots) reader.close();
    for (const { reader } of this.#transactions) reader.rollback();
    this.#snapshots = [];
    this.#transactions = [];
  }

  #begun([key, value]: Change): Promise<unknown> {
    const { store } = this.opened;
    const lent = this.#memory.lend(key);
    return value === null ? store.delete(lent) : store.put(lent, this.#memory.lend(value));
  }

  #release(at: number): void {
    const [held] = this.#snapshots.splice(at, 1) as [HeldSnapshot];
    held.reader.close();
    held.ended = 'transaction-finished';
    this.#walks.ended(held);
    this.#refused(() => held.reader.get(this.#memory.lend('a')), held.ended);
    this.#refused(() => held.reader.range(), held.ended);
  }

  #refused(call: () => unknown, code: string): void {
    this.#same(
      'a call after the end',
      this.#memory.during(() => codeOf(call)),
      code,
    );
  }
}

function overlaid(base: ModelMap, written: ReadonlyMap<string, string | null>): ModelMap {
  const shows = base.copy();
  shows.apply([...written]);
  return shows;
}
