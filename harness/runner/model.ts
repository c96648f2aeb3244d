/** Model: runs of a store, or of a graph, beside plain maps, one a seed; the first that differs ends it. */
import type { GraphModel, Model } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { GraphRun } from '../model/graph-run.ts';
import { ModelRun } from '../model/model-run.ts';
import { deriveSeed } from '../random/prng.ts';
import { nothingWrong, type Outcome } from './outcome.ts';
import type { SimulatedParts } from './parts.ts';

export async function runModel(parts: SimulatedParts<Model | GraphModel>): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const figures = { seeds: 0, commits: 0, comparisons: 0, crashes: 0, virtualSeconds: 0 };
  let bad: string | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const Run = plan.kind === 'model' ? ModelRun : GraphRun;
    const run = new Run(target, settings, runSeed);
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
    figures.comparisons === 0
      ? { validity: 'unknown', reasons: ['nothing was compared'], counts }
      : bad === undefined
        ? nothingWrong(figures.seeds, plan.seeds, 'seeds', counts)
        : { validity: 'invalid', reasons: [bad], counts };
  return { verdict, figures, notVerified: [] };
}
