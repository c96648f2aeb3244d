/**
 * TransactionTable: transactions in columns, so that millions fit: status, process, invoked and
 * completed index, first operation; and of each operation its kind and key. Keys and values may be
 * any values; they are numbered as they come. What an operation carries beyond that, a subclass keeps.
 */
import { keyOf, type ValueKey } from '../../contract/value.ts';
import { GrowingFloats, GrowingInts } from './columns.ts';

export const OK = 0;
export const FAIL = 1;
/** Indeterminate. */
export const INFO = 2;

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

export interface Transaction {
  readonly status: number;
  readonly process: number;
  /** Indices of the events. */
  readonly invoked: number;
  readonly completed: number;
  /** A list of micro-operations; anything else makes the history throw. */
  readonly operations: unknown;
  /** The database's timestamps: snapshot and commit, as ranks. */
  readonly startedAt?: number | undefined;
  readonly committedAt?: number | undefined;
}

/** Destination of collected transactions. */
export interface TransactionSink {
  /** Whether the order of events is real-time order. */
  hasRealTime: boolean;
  add(transaction: Transaction): void;
}

export abstract class TransactionTable implements TransactionSink {
  hasRealTime = true;
  readonly status = new GrowingInts();
  readonly process = new GrowingInts();
  readonly invoked = new GrowingFloats();
  /** Infinity if indeterminate. */
  readonly completed = new GrowingFloats();
  /** Position of a transaction's first operation; one entry more than transactions. */
  readonly firstOperation = new GrowingInts();
  readonly kind = new GrowingInts();
  readonly key = new GrowingInts();
  readonly keys = new Numbering();
  readonly values = new Numbering();

  constructor() {
    this.firstOperation.push(0);
  }

  get size(): number {
    return this.status.size;
  }

  /** Readable name of transaction `t`: T and the index of its invocation. */
  nameOf(t: number): string {
    return `T${this.invoked.at(t)}`;
  }

  /** Throws HistoryError for a value that is no list of this workload's operations. */
  add(transaction: Transaction): void {
    const { status, invoked, operations } = transaction;
    if (!Array.isArray(operations)) {
      throw new HistoryError(`operation ${invoked}: the value is not a list of operations`);
    }
    this.status.push(status);
    this.process.push(transaction.process);
    this.invoked.push(invoked);
    this.completed.push(status === INFO ? Number.POSITIVE_INFINITY : transaction.completed);
    for (const operation of operations) this.addOperation(operation, status, invoked);
    this.firstOperation.push(this.kind.size);
  }

  /** Adds one entry to `kind` and `key`, and to the columns of the subclass. */
  protected abstract addOperation(operation: unknown, status: number, invoked: number): void;
}

/** Gives each distinct value a number, in order of appearance. */
export class Numbering {
  readonly #numbers = new Map<ValueKey, number>();
  readonly #originals: unknown[] = [];

  get size(): number {
    return this.#originals.length;
  }

  numberOf(value: unknown): number {
    const name = keyOf(value);
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#originals.push(value) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }

  original(number: number): unknown {
    return this.#originals[number];
  }
}
