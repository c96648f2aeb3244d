/** The plan `explore`: see harness/simulation/explore/explore.ts. */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { Explore } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { Prng } from '../random/prng.ts';
import { type ExploreFailure, explore } from '../simulation/explore/explore.ts';
import { EXPLORE_LIMITS } from '../simulation/explore/limits.ts';
import { workloadOrder } from '../simulation/explore/workload-order.ts';

export async function runExplore(parts: SimulatedParts<Explore>): Promise<Outcome> {
  const { target, settings, plan, seed } = parts;
  const { states, sectorBytes } = plan;
  const random = new Prng(seed).derive('workloads');
  let goOn = true;
  const { tally, failure } = await explore({
    ...EXPLORE_LIMITS,
    target,
    settings,
    sectorBytes,
    seed,
    statesMax: states,
    workloads: workloadOrder(plan.length, plan.longer, random),
    async progress({ distinct }) {
      goOn = parts.progress(Math.min(distinct, states), states, 'crash states');
      return goOn;
    },
  });
  const counts = { states: tally.distinct };
  const total = goOn ? tally.distinct : Math.max(states, tally.distinct + 1);
  const verdict: Verdict =
    failure === undefined
      ? nothingWrong(tally.distinct, Math.max(total, 1), 'crash states', counts)
      : { validity: 'invalid', reasons: [describeFailure(failure)], counts };
  const { workloads, crashPoints, exhaustedPoints, judged, distinct, nested, deepest } = tally;
  return {
    verdict,
    figures: {
      workloads,
      crashPoints,
      exhaustedPoints,
      statesJudged: judged,
      distinctStates: distinct,
      nestedStates: nested,
      deepestNesting: deepest,
    },
    notVerified: ['garbage written into a sector that was in flight when power was lost'],
  };
}

export function describeFailure({ workload, step, problem, lost, kept }: ExploreFailure): string {
  const crash = step === 'no crash' ? 'without a crash' : `power cut at "${step}"`;
  const pieces =
    lost.length + kept === 0 ? '' : `; lost: ${lost.join(', ') || 'nothing'}; ${kept} pieces kept`;
  return `${workload}: ${crash}${pieces}: ${problem}`;
}
