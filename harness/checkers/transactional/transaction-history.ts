/**
 * TransactionHistory: transactions of appends and reads in columns, so that millions fit.
 *
 * A transaction is one operation whose value is a list of micro-operations: `["append", key, v]`
 * or `["r", key, [v, …]]`, in Jepsen's form. Reads of an operation that did not complete with `ok`
 * say nothing. Keys and values may be any JSON; they are numbered as they come.
 *
 *     transactions   status, process, invoked index, completed index, first micro-operation
 *     operations     kind, key, value (append) or start and length in `elements` (read)
 */
import type { HistoryEvent } from '../../contract/history.ts';
import { GrowingFloats, GrowingInts } from './columns.ts';

export const OK = 0;
export const FAIL = 1;
/** Nobody knows whether it happened. */
export const INFO = 2;

export const APPEND = 0;
export const READ = 1;

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

export interface Transaction {
  readonly status: number;
  readonly process: number;
  /** Indices of the events. */
  readonly invoked: number;
  readonly completed: number;
  /** A list of micro-operations, or the history throws. */
  readonly operations: unknown;
  /** What the database says: when its snapshot was taken and when it committed, as ranks. */
  readonly startedAt?: number | undefined;
  readonly committedAt?: number | undefined;
}

/** What transactions are gathered into. */
export interface TransactionSink {
  add(transaction: Transaction): void;
}

export class TransactionHistory {
  readonly status = new GrowingInts();
  readonly process = new GrowingInts();
  readonly invoked = new GrowingFloats();
  /** Infinity where nobody knows. */
  readonly completed = new GrowingFloats();
  /** Position of a transaction's first micro-operation; one entry more than transactions. */
  readonly firstOperation = new GrowingInts();
  readonly kind = new GrowingInts();
  readonly key = new GrowingInts();
  /** Append: the value's number. Read: where its elements begin. */
  readonly payload = new GrowingInts();
  /** Read: how many elements; -1 when what it returned is not known. */
  readonly length = new GrowingInts();
  readonly elements = new GrowingInts();
  readonly keys = new Numbering();
  readonly values = new Numbering();

  constructor() {
    this.firstOperation.push(0);
  }

  get size(): number {
    return this.status.size;
  }

  /** Names transaction `t` for people: by the index of its invocation. */
  nameOf(t: number): string {
    return `T${this.invoked.at(t)}`;
  }

  add(transaction: Transaction): void {
    const { status, invoked, operations } = transaction;
    if (!Array.isArray(operations)) {
      throw new HistoryError(`operation ${invoked}: the value is not a list of operations`);
    }
    this.status.push(status);
    this.process.push(transaction.process);
    this.invoked.push(invoked);
    this.completed.push(status === INFO ? Number.POSITIVE_INFINITY : transaction.completed);
    for (const operation of operations) this.#addOperation(operation, status, invoked);
    this.firstOperation.push(this.kind.size);
  }

  #addOperation(operation: unknown, status: number, invoked: number): void {
    const [f, key, value] = Array.isArray(operation) ? operation : [];
    if (f === 'append') {
      this.kind.push(APPEND);
      this.key.push(this.keys.numberOf(key));
      this.payload.push(this.values.numberOf(value));
      this.length.push(0);
      return;
    }
    if (f !== 'r') {
      throw new HistoryError(
        `operation ${invoked}: ${JSON.stringify(operation)} is no append or r`,
      );
    }
    this.kind.push(READ);
    this.key.push(this.keys.numberOf(key));
    this.payload.push(this.elements.size);
    const known = status === OK;
    if (known && value !== null && value !== undefined && !Array.isArray(value)) {
      throw new HistoryError(`operation ${invoked}: a read of ${key} returned no list`);
    }
    const list = known ? ((value ?? []) as unknown[]) : [];
    this.length.push(known ? list.length : -1);
    for (const element of list) this.elements.push(this.values.numberOf(element));
  }
}

/** Gives each distinct value a number, in order of appearance. */
export class Numbering {
  readonly #numbers = new Map<unknown, number>();
  readonly #originals: unknown[] = [];

  get size(): number {
    return this.#originals.length;
  }

  numberOf(value: unknown): number {
    const name = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
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

/**
 * Gathers transactions from events in order. An invocation without a completion counts as `info`.
 * Events of processes that are no numbers (a nemesis) are skipped. Throws HistoryError for a
 * process that invokes twice, or a completion without an invocation.
 */
export class TransactionCollector<History extends TransactionSink = TransactionHistory> {
  readonly history: History;
  readonly #open = new Map<number, HistoryEvent>();

  constructor(history: History) {
    this.history = history;
  }

  add(event: HistoryEvent): void {
    const { process, type, index } = event;
    if (!Number.isInteger(process)) return;
    const invocation = this.#open.get(process);
    if (type === 'invoke') {
      if (invocation !== undefined) {
        throw new HistoryError(
          `operation ${index}: process ${process} invokes while ${invocation.index} is open`,
        );
      }
      this.#open.set(process, event);
      return;
    }
    if (invocation === undefined) {
      throw new HistoryError(
        `operation ${index}: process ${process} completes what it never began`,
      );
    }
    this.#open.delete(process);
    const status = type === 'ok' ? OK : type === 'fail' ? FAIL : INFO;
    const operations = type === 'ok' ? event.value : partial(invocation.value, event.value);
    const [startedAt, committedAt] = event.stamps ?? [];
    this.history.add({
      status,
      process,
      invoked: invocation.index,
      completed: index,
      operations,
      startedAt,
      committedAt,
    });
  }

  finish(): History {
    for (const { process, index, value } of this.#open.values()) {
      const completed = Number.POSITIVE_INFINITY;
      const operations = partial(value, undefined);
      this.history.add({ status: INFO, process, invoked: index, completed, operations });
    }
    this.#open.clear();
    return this.history;
  }
}

/** What is known of operations whose outcome is not: the invocation may carry nil, and so may this. */
function partial(invoked: unknown, completed: unknown): unknown {
  if (Array.isArray(invoked)) return invoked;
  return Array.isArray(completed) ? completed : [];
}
