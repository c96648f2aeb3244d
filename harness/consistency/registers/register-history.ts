/**
 * RegisterHistory: transactions of writes and reads of registers, in columns.
 *
 * A transaction's value is a list of `["w", key, v]` and `["r", key, v]`. A read of nil shows the
 * initial version. Reads of a transaction that did not complete with `ok` say nothing.
 */
import { textOf } from '../../contract/value.ts';
import { GrowingFloats, GrowingInts } from '../graph/columns.ts';
import {
  HistoryError,
  OK,
  type Transaction,
  TransactionTable,
} from '../graph/transaction-table.ts';

export const WRITE = 0;
export const READ = 1;

/** The number of nil, the value of every key before it is written. */
export const NIL = 0;
/** A read whose result is not known. */
export const UNKNOWN = -1;

/** A read that shows one of some values, and does not say which. */
export const ONE_OF = -2;

export class OneOf {
  readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

export interface RegisterOptions {
  /** Whether indices are an order in real time. Default true. */
  readonly hasRealTime?: boolean;
  /** A value that, read, shows the initial version unless somebody wrote it. Default none but nil. */
  readonly initialValue?: unknown;
}

export class RegisterHistory extends TransactionTable {
  readonly initialValue: number;
  /** NaN where the database said nothing. */
  readonly startedAt = new GrowingFloats();
  readonly committedAt = new GrowingFloats();
  /** The number of the value written or read; UNKNOWN for a read that returned nothing; ONE_OF. */
  readonly value = new GrowingInts();
  /** The numbers of the values that a read may show, by operation. */
  readonly oneOf = new Map<number, readonly number[]>();

  constructor({ hasRealTime = true, initialValue }: RegisterOptions = {}) {
    super();
    this.hasRealTime = hasRealTime;
    this.values.numberOf(null); // NIL
    this.initialValue = initialValue === undefined ? NIL : this.values.numberOf(initialValue);
  }

  override add(transaction: Transaction): void {
    super.add(transaction);
    this.startedAt.push(transaction.startedAt ?? Number.NaN);
    this.committedAt.push(transaction.committedAt ?? Number.NaN);
  }

  protected addOperation(operation: unknown, status: number, invoked: number): void {
    const [f, key, value] = Array.isArray(operation) ? operation : [];
    if (f !== 'w' && f !== 'r') {
      throw new HistoryError(`operation ${invoked}: ${textOf(operation)} is no w or r`);
    }
    this.kind.push(f === 'w' ? WRITE : READ);
    this.key.push(this.keys.numberOf(key));
    const numberOf = (one: unknown) =>
      one === null || one === undefined ? NIL : this.values.numberOf(one);
    if (f === 'r' && status !== OK) this.value.push(UNKNOWN);
    else if (value instanceof OneOf) {
      this.oneOf.set(this.value.size, value.values.map(numberOf));
      this.value.push(ONE_OF);
    } else this.value.push(numberOf(value));
  }
}
