/** Short ways to write histories of list-append transactions, for tests. */
import { TransactionHistory } from '../graph/transaction-history.ts';
import { OK } from '../graph/transaction-table.ts';

export type Micro =
  | readonly ['append', string, number]
  | readonly ['r', string, readonly number[] | null];

export interface Txn {
  readonly process: number;
  readonly status: number;
  readonly invoked: number;
  readonly completed: number;
  readonly operations: readonly Micro[];
}

/** Transactions that ran one after the other, each by a client of its own unless said. */
export function serially(...all: (readonly Micro[] | Partial<Txn>)[]): Txn[] {
  return all.map((one, i) => {
    const base = { process: i, status: OK, invoked: 2 * i, completed: 2 * i + 1, operations: [] };
    return Array.isArray(one)
      ? { ...base, operations: one as readonly Micro[] }
      : { ...base, ...one };
  });
}

/** The same, all at once. */
export const together = (...all: (readonly Micro[])[]): Txn[] =>
  all.map((operations, i) => ({
    process: i,
    status: OK,
    invoked: i,
    completed: all.length + i,
    operations,
  }));

export function historyOf(all: readonly Txn[]): TransactionHistory {
  const history = new TransactionHistory();
  const inOrder = [...all].sort((a, b) => a.completed - b.completed);
  for (const one of inOrder) history.add(one);
  return history;
}

export const append = (key: string, value: number): Micro => ['append', key, value];
export const read = (key: string, ...list: number[]): Micro => ['r', key, list];
