/** The checkers of Assay's own workloads, for histories read from files. */
export { default as bankTotal } from '../bank-total.ts';
export { default as durability } from '../durability.ts';
export { default as graphInvariant } from '../graph-invariant.ts';
export { default as linearizableRegisters } from '../linearizable-registers.ts';
export { default as prefixConsistent } from '../prefix-consistent.ts';
export { default as recency } from '../recency.ts';
export { default as seatsBound } from '../seats-bound.ts';
export { default as watchOrder } from '../watch-order.ts';
