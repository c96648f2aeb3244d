/** The checkers of Assay's own workloads, for histories read from files. */
export { default as bankTotal } from '../../checkers/bank-total.ts';
export { default as durability } from '../../checkers/durability.ts';
export { default as graphInvariant } from '../../checkers/graph-invariant.ts';
export { default as linearizableRegisters } from '../../checkers/linearizable-registers.ts';
export { default as prefixConsistent } from '../../checkers/prefix-consistent.ts';
export { default as recency } from '../../checkers/recency.ts';
export { default as seatsBound } from '../../checkers/seats-bound.ts';
export { default as watchOrder } from '../../checkers/watch-order.ts';
