/** The order of the explored workloads: all short ones, then random longer ones. */
import type { Prng } from '../../random/prng.ts';
import { BEGINNINGS, OPERATIONS, type Workload, workloadsOf } from './operation.ts';

/** Ends after the short ones when `longer` is 0, else never. */
export function* workloadOrder(
  length: number,
  longer: number,
  random: Prng,
): Generator<Workload, void> {
  for (let operations = 1; operations <= length; operations++) yield* workloadsOf(operations);
  const beginnings = Object.keys(BEGINNINGS);
  while (longer > 0) {
    yield {
      beginning: random.pick(beginnings),
      operations: Array.from({ length: longer }, () => random.pick(OPERATIONS)),
    };
  }
}

/** Number of workloads of up to `length` operations. */
export function workloadCount(length: number): number {
  let count = 0;
  for (let operations = 1; operations <= length; operations++) {
    count += Object.keys(BEGINNINGS).length * OPERATIONS.length ** operations;
  }
  return count;
}
