/**
 * Shrinks the plan of a simulated run that fails: fewer operations, then fewer clients, as long as it
 * still fails, for as long as there is time. Any failure counts, not only the same one.
 */
import type { Plan } from '../contract/scenario.ts';

export interface Sizes {
  readonly operations: number;
  readonly clients: number;
}

/** The numbers of the plan that can shrink; `undefined` if the seed does not determine the run. */
export function sizesOf(plan: Plan): Sizes | undefined {
  if (plan.kind !== 'crash-states' && plan.kind !== 'seeds') return undefined;
  return { operations: plan.operations, clients: plan.clients };
}

/** Requires: `fails` of these sizes. Answers sizes that fail, none larger. */
export async function shrinkSizes(
  sizes: Sizes,
  fails: (smaller: Sizes) => Promise<boolean>,
  isLate: () => boolean,
): Promise<Sizes> {
  let best = sizes;
  for (const name of ['operations', 'clients'] as const) {
    for (let step = best[name] >> 1; step >= 1; step >>= 1) {
      while (best[name] > step && !isLate()) {
        const smaller = { ...best, [name]: best[name] - step };
        if (!(await fails(smaller))) break;
        best = smaller;
      }
    }
  }
  return best;
}
