/**
 * What each call does to the store, without gRPC: reads, writes that are applied once, transactions.
 * Keys of the server's own are neither seen nor written through it.
 */
import type { Database } from '../database.ts';
import type { KeyValue, RangeOptions } from '../mvcc/range-read.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import { isSystemKey, type MarkDone, type Sessions } from './sessions.ts';
import { ServerError } from './status.ts';
import type { Transactions } from './transactions.ts';
import type { Calls, Change, Committed, Once } from './wire.ts';

const NOTHING: Committed = { timestamp: 0, repeated: false };

export class Operations {
  readonly #store: Database;
  readonly #sessions: Sessions;
  readonly #transactions: Transactions;

  constructor(store: Database, sessions: Sessions, transactions: Transactions) {
    this.#store = store;
    this.#sessions = sessions;
    this.#transactions = transactions;
  }

  get({ key, transaction }: Calls['Get']['request']): Calls['Get']['reply'] {
    refuseSystemKey(key);
    const reader = transaction === '' ? this.#store : this.#transactions.get(transaction);
    const value = reader.get(key);
    return { found: value !== undefined, value: value ?? new Uint8Array(0) };
  }

  /** Lazily; leave it early or run it to its end. */
  *range(request: Calls['Range']['request']): Generator<KeyValue, void, void> {
    const { from, to, prefix, reverse, limit, transaction } = request;
    const options: RangeOptions = {
      ...(from.length > 0 && { from }),
      ...(to.length > 0 && { to }),
      ...(prefix.length > 0 && { prefix }),
      reverse,
    };
    const reader = transaction === '' ? this.#store : this.#transactions.get(transaction);
    let left = limit > 0 ? limit : Number.POSITIVE_INFINITY;
    for (const record of reader.range(options)) {
      if (isSystemKey(record.key)) continue;
      yield record;
      if (--left === 0) return;
    }
  }

  /** Commits at once, or adds to an open transaction. */
  async write(changes: readonly Change[], transaction: string, once: Once | null) {
    for (const { key } of changes) refuseSystemKey(key);
    if (transaction !== '') {
      const open = this.#transactions.get(transaction);
      for (const change of changes) applyTo(open, change);
      return NOTHING;
    }
    if (once === null) return this.#writeBlindly(changes);
    return this.#sessions.once(once, (markDone) => this.#writeMarked(changes, markDone));
  }

  async commit({ transaction, once }: Calls['Commit']['request']): Promise<Committed> {
    const commit = async (markDone?: MarkDone) => {
      const open = this.#transactions.take(transaction);
      markDone?.((key, value) => open.put(key, value));
      const { timestamp } = await open.commit();
      return { timestamp, repeated: false };
    };
    return once === null ? commit() : this.#sessions.once(once, commit);
  }

  async #writeBlindly(changes: readonly Change[]): Promise<Committed> {
    const batch = new WriteBatch();
    for (const { key, value, remove } of changes) {
      if (remove) batch.delete(key);
      else batch.put(key, value);
    }
    const { timestamp } = await this.#store.write(batch);
    return { timestamp, repeated: false };
  }

  /** Blind as well: the record of it being done has a key that nobody else writes. */
  async #writeMarked(changes: readonly Change[], markDone: MarkDone): Promise<Committed> {
    const marks: Change[] = [];
    markDone((key, value) => marks.push({ key, value, remove: false }));
    return this.#writeBlindly([...changes, ...marks]);
  }
}

function applyTo(transaction: Transaction, { key, value, remove }: Change): void {
  if (remove) transaction.delete(key);
  else transaction.put(key, value);
}

function refuseSystemKey(key: Uint8Array): void {
  if (!isSystemKey(key)) return;
  throw new ServerError(
    'invalid-request',
    'keys that begin with "\\0assay/" are the server\'s own',
  );
}
