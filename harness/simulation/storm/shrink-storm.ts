/**
 * Shrinks a failing storm: fewer operations, fewer clients, fewer kinds of faults, as long as it
 * still fails (delta debugging by halves: Zeller and Hildebrandt, TSE 2002). Any failure counts, not
 * only the same one.
 */
import type { StormFault } from './knobs.ts';
import type { StormPlan } from './storm-plan.ts';

export type Fails = (plan: StormPlan) => Promise<boolean>;

const OTHER_SEEDS = 6;

/** Requires: `plan` fails. Answers a plan that fails and none of whose parts can be left out. */
export async function shrinkStorm(
  plan: StormPlan,
  fails: Fails,
  tried: (plan: StormPlan) => void = () => undefined,
): Promise<StormPlan> {
  let best = plan;
  const attempt = async (change: Partial<StormPlan>): Promise<boolean> => {
    // A smaller storm takes other turns; a few seeds give each size a fair chance.
    for (let i = 0; i <= OTHER_SEEDS; i++) {
      const smaller = { ...best, ...change, seed: best.seed + i };
      tried(smaller);
      if (!(await fails(smaller))) continue;
      best = smaller;
      return true;
    }
    return false;
  };
  for (let before: StormPlan | undefined; before !== best; ) {
    before = best;
    for (const fault of [...best.faults]) await attempt({ faults: without(best.faults, fault) });
    for (let clients = 1; clients < best.clients; clients *= 2) {
      if (await attempt({ clients })) break;
    }
    for (let step = best.operations >> 1; step >= 1; step >>= 1) {
      while (best.operations > step && (await attempt({ operations: best.operations - step })));
    }
  }
  return best;
}

function without(faults: ReadonlySet<StormFault>, fault: StormFault): Set<StormFault> {
  return new Set([...faults].filter((other) => other !== fault));
}
