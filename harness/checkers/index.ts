/** The checkers by name, and what it takes to call them. */
export { judge } from '../contract/checker.ts';
export { operationsOf } from '../contract/history.ts';
export { parseHistory } from '../history/jsonl.ts';
export { default as bankTotal } from './bank-total.ts';
export { default as durability } from './durability.ts';
export { default as graphInvariant } from './graph-invariant.ts';
export { default as recency } from './recency.ts';
