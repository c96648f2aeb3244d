/**
 * TransactionHistory: transactions of appends and reads of lists.
 *
 * A transaction is one operation whose value is a list of micro-operations: `["append", key, v]`
 * or `["r", key, [v, …]]`, in Jepsen's form. Reads of an operation that did not complete with `ok`
 * say nothing. A read that returned no list says nothing either, and leaves a doubt.
 */
import { textOf } from '../../contract/value.ts';
import { GrowingInts } from './columns.ts';
import { HistoryError, OK, TransactionTable } from './transaction-table.ts';

export const APPEND = 0;
export const READ = 1;

export class TransactionHistory extends TransactionTable {
  /** Append: the value's number. Read: where its elements begin. */
  readonly payload = new GrowingInts();
  /** Read: how many elements; -1 when what it returned is not known. */
  readonly length = new GrowingInts();
  readonly elements = new GrowingInts();
  /** Why no level can be said to hold, one sentence each. */
  readonly doubts: string[] = [];

  protected addOperation(operation: unknown, status: number, invoked: number): void {
    const [f, key, value] = Array.isArray(operation) ? operation : [];
    if (f === 'append') {
      this.kind.push(APPEND);
      this.key.push(this.keys.numberOf(key));
      this.payload.push(this.values.numberOf(value));
      this.length.push(0);
      return;
    }
    if (f !== 'r') {
      throw new HistoryError(`operation ${invoked}: ${textOf(operation)} is no append or r`);
    }
    this.kind.push(READ);
    this.key.push(this.keys.numberOf(key));
    this.payload.push(this.elements.size);
    const list: unknown = value ?? [];
    if (status !== OK || !Array.isArray(list)) {
      this.length.push(-1);
      if (status === OK) {
        this.doubts.push(`operation ${invoked}: a read of ${textOf(key)} returned no list`);
      }
      return;
    }
    this.length.push(list.length);
    for (const element of list) this.elements.push(this.values.numberOf(element));
  }
}
