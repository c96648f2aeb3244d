/** Model: runs of a store beside what it must hold, one a seed; the first that differs ends it. */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { GraphModel, HostilePlan, Model, TimelinePlan } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { deriveSeed } from '../random/prng.ts';
import { GraphRun } from '../simulation/model/graph-run.ts';
import { HostileRun } from '../simulation/model/hostile/hostile-run.ts';
import { ModelRun } from '../simulation/model/model-run.ts';
import { TimelineRun } from '../simulation/model/timeline/timeline-run.ts';

const RUNS = {
  model: ModelRun,
  'graph-model': GraphRun,
  timeline: TimelineRun,
  hostile: HostileRun,
} as const;

export async function runModel(
  parts: SimulatedParts<Model | GraphModel | TimelinePlan | HostilePlan>,
): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const figures = { seeds: 0, commits: 0, comparisons: 0, crashes: 0, virtualSeconds: 0 };
  let bad: string | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const run = new RUNS[plan.kind](target, settings, runSeed);
    const problem = await run.problem(plan.operations);
    if (problem !== undefined) bad = `${problem} — run seed ${runSeed}`;
    figures.seeds++;
    figures.commits += run.commits;
    figures.comparisons += run.comparisons;
    figures.crashes += run.crashes;
    figures.virtualSeconds += run.virtualMs / 1000;
    goOn = progress(i + 1, plan.seeds, 'seeds');
  }
  const counts = { comparisons: figures.comparisons };
  const verdict: Verdict =
    bad !== undefined
      ? { validity: 'invalid', reasons: [bad], counts }
      : figures.comparisons === 0
        ? { validity: 'unknown', reasons: ['nothing was compared'], counts }
        : nothingWrong(figures.seeds, plan.seeds, 'seeds', counts);
  return { verdict, figures, notVerified: [] };
}
