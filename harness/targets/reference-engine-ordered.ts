/**
 * The reference engine as an OrderedStore whose clients meet: they pause between the reads of a
 * transaction and before its commit. Classes, so that their calls can be counted.
 */
import {
  type Database,
  type KeyValue,
  type OrderedReader,
  type OrderedStore,
  type OrderedTransaction,
  orderedStore,
  type RangeOptions,
} from '../../engine/index.ts';

export type Pause = () => Promise<void>;

export class SessionReader implements Required<OrderedReader> {
  readonly #inner: OrderedReader;
  readonly #pause: Pause;

  constructor(inner: OrderedReader, pause: Pause) {
    this.#inner = inner;
    this.#pause = pause;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    await this.#pause();
    return this.#inner.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#inner.getMany(keys);
  }

  range(options: RangeOptions): Promise<readonly KeyValue[]> {
    return this.#inner.range(options);
  }

  async pause(): Promise<void> {
    await this.#inner.pause?.();
  }
}

export class SessionTransaction extends SessionReader implements Required<OrderedTransaction> {
  readonly #own: OrderedTransaction;

  constructor(own: OrderedTransaction, pause: Pause) {
    super(own, pause);
    this.#own = own;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#own.put(key, value);
  }

  delete(key: Uint8Array): void {
    this.#own.delete(key);
  }
}

export class SessionStore implements OrderedStore {
  readonly #inner: OrderedStore;
  readonly #pause: Pause;

  constructor(database: Database, pause: Pause) {
    this.#inner = orderedStore(database);
    this.#pause = pause;
  }

  transact<T>(body: (transaction: OrderedTransaction) => Promise<T>): Promise<T> {
    return this.#inner.transact(async (transaction) => {
      const result = await body(new SessionTransaction(transaction, this.#pause));
      await this.#pause();
      return result;
    });
  }

  read<T>(body: (reader: OrderedReader) => Promise<T>): Promise<T> {
    return this.#inner.read((reader) => body(new SessionReader(reader, noPause)));
  }
}

const noPause: Pause = () => Promise.resolve();
