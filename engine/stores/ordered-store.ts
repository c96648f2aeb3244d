/**
 * OrderedStore: what stores are written on. Asynchronous and batched (one await for many keys or
 * a page of a range), so that the same store runs on this engine, or on a database across a
 * network that offers ordered keys and snapshot-isolated transactions.
 *
 * Contract: transactions read from one snapshot plus their own writes, and commit all or nothing;
 * of two that write the same key, the second to commit fails with `conflict` and is run again.
 */
import { byteArrays } from '../arguments.ts';
import type { Database } from '../database.ts';
import type { RangeOptions } from '../mvcc/range-options.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import type { Transaction } from '../mvcc/transaction.ts';

export interface OrderedReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** One page: at most `limit` records (default 1,000). */
  range(options: RangeOptions): Promise<readonly KeyValue[]>;
  /** Lets others run; called between pages of long work. A store across a network needs none. */
  pause?(): Promise<void>;
}

export interface OrderedTransaction extends OrderedReader {
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
}

export interface OrderedStore {
  /** Runs `body`, commits, and runs it again after a conflict. */
  transact<T>(body: (transaction: OrderedTransaction) => Promise<T>): Promise<T>;
  /** Reads from one snapshot. */
  read<T>(body: (reader: OrderedReader) => Promise<T>): Promise<T>;
}

export const PAGE_RECORDS = 1000;

type SyncReader = Pick<Transaction, 'get' | 'range'>;

function readerOf(source: SyncReader, database?: Database): OrderedReader {
  return {
    get: async (key) => source.get(key),
    getMany: async (keys) => byteArrays(keys).map((key) => source.get(key)),
    range: async ({ limit = PAGE_RECORDS, ...options }) => [...source.range({ ...options, limit })],
    ...(database !== undefined && { pause: () => database.pause() }),
  };
}

/** An open transaction of this engine as stores see it. */
export function orderedTransaction(
  transaction: Transaction,
  database?: Database,
): OrderedTransaction {
  return {
    ...readerOf(transaction, database),
    put: (key, value) => transaction.put(key, value),
    delete: (key) => transaction.delete(key),
  };
}

/** This engine as an OrderedStore. */
export function orderedStore(database: Database): OrderedStore {
  return {
    transact: (body) =>
      database.transact((transaction) => body(orderedTransaction(transaction, database))),
    async read(body) {
      using snapshot = database.snapshot();
      return await body(readerOf(snapshot, database));
    },
  };
}
