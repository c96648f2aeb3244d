/**
 * What operations carry: the inputs and outputs that workloads produce and checkers judge.
 */

/** Durable set: adds elements 0 … size − 1 of a group that nobody else adds. */
export interface AddGroup {
  readonly group: number;
  readonly size: number;
}

/** A set as it was read: group, and how many of its elements were there. */
export type SetRead = readonly (readonly [group: number, elements: number])[];

/** Bank: moves `amount`, unless the source has less; answers what was moved. */
export interface Transfer {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

export interface BankRead {
  readonly balances: readonly number[];
  /** Only in audits. */
  readonly receipts?: readonly Transfer[];
}

export const INITIAL_BALANCE = 100;

/** Register: `value` is unique in the run; left out for reads. */
export interface RegisterInput {
  readonly key: number;
  readonly value?: number;
}

/** What was read, or for `swap` what it replaced; null when the key was absent. */
export interface RegisterOutput {
  readonly read: number | null;
}

/** Graph churn: a vertex to add or remove. Edges are `GraphEdge`. */
export interface VertexInput {
  readonly vertex: string;
  readonly cascade?: boolean;
}

/** What a watch saw from a revision on: revision, key and value of each write, in its order. */
export interface WatchOutput {
  readonly from: number;
  readonly events: readonly (readonly [revision: number, key: string, value: string])[];
}

/** What an operation on seats saw: how many there are, and how many were taken. */
export interface SeatsRead {
  readonly seats: number;
  readonly taken: number;
}
