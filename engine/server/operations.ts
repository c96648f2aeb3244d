/**
 * The effect of each call on the store, without gRPC: reads, exactly-once writes, transactions. The server's own
 * keys are hidden from clients.
 */
import type { Database } from '../database.ts';
import { compareBytes } from '../format/bytes.ts';
import { type RangeOptions, rangeBounds } from '../mvcc/range-options.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import { isSystemKey, SYSTEM_FROM, SYSTEM_TO } from './session-records.ts';
import type { MarkDone, Sessions } from './sessions.ts';
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
    const reader = this.#reader(transaction, key.length);
    const value = reader.get(key);
    return { found: value !== undefined, value: value ?? new Uint8Array(0) };
  }

  /** Of one snapshot, lazily; leave it early or run it to its end. The server's own keys cost nothing. */
  *range(request: Calls['Range']['request']): Generator<KeyValue, void, void> {
    const { from, to, prefix, reverse, limit, transaction } = request;
    const options: RangeOptions = {
      ...(from.length > 0 && { from }),
      ...(to.length > 0 && { to }),
      ...(prefix.length > 0 && { prefix }),
      reverse,
    };
    const snapshot = transaction === '' ? this.#store.snapshot() : undefined;
    const bytes = from.length + to.length + prefix.length;
    const reader = snapshot ?? this.#reader(transaction, bytes);
    let left = limit > 0 ? limit : Number.POSITIVE_INFINITY;
    try {
      for (const part of withoutSystemKeys(options)) {
        for (const record of reader.range(part)) {
          yield record;
          if (--left === 0) return;
        }
      }
    } finally {
      snapshot?.close();
    }
  }

  /** Commits at once, or adds to an open transaction. */
  async write(changes: readonly Change[], transaction: string, once: Once | null) {
    for (const { key } of changes) refuseSystemKey(key);
    if (transaction !== '') {
      const open = this.#transactions.get(transaction);
      const bytes = changes.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
      this.#transactions.chargeWrite(transaction, bytes);
      try {
        for (const change of changes) applyTo(open, change);
      } catch (error) {
        if (changes.length > 1) this.#transactions.rollback(transaction); // all or nothing
        throw error;
      }
      return NOTHING;
    }
    if (once === null) return this.#writeBlindly(changes);
    return this.#sessions.once(once, (markDone) => this.#writeMarked(changes, markDone));
  }

  async commit({ transaction, once }: Calls['Commit']['request']): Promise<Committed> {
    const commit = async (markDone?: MarkDone) => {
      const open = this.#take(transaction, markDone !== undefined);
      try {
        markDone?.((key, value) => open.put(key, value));
      } catch (error) {
        open.rollback(); // there is no room for the record of it
        throw error;
      }
      const { timestamp } = await open.commit();
      return { timestamp, repeated: false };
    };
    return once === null ? commit() : this.#sessions.once(once, commit);
  }

  /** `isOnce`: earlier requests for this commit are known to have had no effect. */
  #take(transaction: string, isOnce: boolean): Transaction {
    try {
      return this.#transactions.take(transaction);
    } catch (error) {
      if (isOnce || !(error instanceof ServerError)) throw error;
      throw new ServerError(error.code, error.message, false);
    }
  }

  #reader(transaction: string, bytes: number): Pick<Transaction, 'get' | 'range'> {
    if (transaction === '') return this.#store;
    const open = this.#transactions.get(transaction);
    this.#transactions.chargeRead(transaction, bytes);
    return open;
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

/** The parts of a range before and behind the server's own keys, in the order of the range. */
function withoutSystemKeys(options: RangeOptions): readonly RangeOptions[] {
  const { from, to, reverse } = rangeBounds(options);
  const starts = from ?? new Uint8Array(0);
  const isBehind = compareBytes(starts, SYSTEM_TO) >= 0;
  const isBefore = to !== undefined && compareBytes(to, SYSTEM_FROM) <= 0;
  if (isBehind || isBefore) return [options];
  const before = { ...(from && { from }), to: SYSTEM_FROM, reverse };
  const behind = { from: SYSTEM_TO, ...(to && { to }), reverse };
  return reverse ? [behind, before] : [before, behind];
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
