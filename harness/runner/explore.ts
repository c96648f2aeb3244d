/** Explore: the explorer as a plan of the runner. */
import type { Explore } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { type ExploreFailure, explore } from '../explore/explore.ts';
import { EXPLORE_LIMITS } from '../explore/limits.ts';
import { workloadOrder } from '../explore/workload-order.ts';
import { Prng } from '../random/prng.ts';
import type { Outcome } from './outcome.ts';
import type { SimulatedParts } from './parts.ts';

/** A store is opened for each state: its memory should be small. */
const SMALL_CACHE = { cacheBytes: 65_536 };

export async function runExplore(parts: SimulatedParts<Explore>): Promise<Outcome> {
  const { target, plan, seed } = parts;
  const settings = { ...SMALL_CACHE, ...parts.settings };
  const { states, sectorBytes } = plan;
  const random = new Prng(seed).derive('workloads');
  const { tally, failure } = await explore({
    ...EXPLORE_LIMITS,
    target,
    settings,
    sectorBytes,
    seed,
    statesMax: states,
    workloads: workloadOrder(plan.length, plan.longer, random),
    async progress({ distinct }) {
      parts.progress(Math.min(distinct, states), states, 'crash states');
      return true;
    },
  });
  const verdict: Verdict = {
    validity: failure !== undefined ? 'invalid' : tally.distinct > 0 ? 'valid' : 'unknown',
    reasons: failure === undefined ? [] : [describeFailure(failure)],
    counts: { states: tally.distinct },
  };
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
