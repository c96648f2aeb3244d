/**
 * Upkeep: whether a store keeps itself small and alive. Each seed runs the phases of `UpkeepRun` in
 * virtual time, one after the other on the same store; the first that finds a problem ends it.
 */

import { nothingWrong, type Outcome } from '../../cells/outcome.ts';
import type { SimulatedParts } from '../../cells/parts.ts';
import type { Upkeep } from '../../contract/scenario.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { deriveSeed } from '../../random/prng.ts';
import { MemoryRun } from './memory-run.ts';
import { fairnessProblem } from './upkeep-fairness.ts';
import { paceProblem } from './upkeep-pace.ts';
import { UpkeepRun } from './upkeep-run.ts';

export async function runUpkeep(parts: SimulatedParts<Upkeep>): Promise<Outcome> {
  const { plan, seed, progress } = parts;
  const figures = { seeds: 0, commits: 0, filesMax: 0, memoryMaxKiB: 0, virtualSeconds: 0 };
  let bad: string | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const run = new UpkeepRun(parts.target, parts.settings, runSeed, plan.commits);
    const problem =
      (await run.problem()) ??
      (await budgetProblem(parts, runSeed)) ??
      (await paceProblem(parts.target, parts.settings, runSeed)) ??
      (await fairnessProblem(parts.target, parts.settings, runSeed));
    if (problem !== undefined) bad = `${problem} — run seed ${runSeed}`;
    figures.seeds++;
    figures.commits += run.commits;
    figures.filesMax = Math.max(figures.filesMax, run.filesMax);
    figures.memoryMaxKiB = Math.max(figures.memoryMaxKiB, Math.ceil(run.memoryMax / 1024));
    figures.virtualSeconds += run.virtualMs / 1000;
    goOn = progress(i + 1, plan.seeds, 'seeds');
  }
  const counts = { seeds: figures.seeds };
  const verdict: Verdict =
    bad === undefined
      ? nothingWrong(figures.seeds, plan.seeds, 'seeds', counts)
      : { validity: 'invalid', reasons: [bad], counts };
  return { verdict, figures, notVerified: [] };
}

/** What is wrong with stores that share a budget, if the cell gives one. */
async function budgetProblem(
  { target, settings }: SimulatedParts<Upkeep>,
  seed: number,
): Promise<string | undefined> {
  const { memoryBytes } = settings;
  if (typeof memoryBytes !== 'number') return undefined;
  try {
    return await new MemoryRun(target, settings, memoryBytes, seed).problem();
  } catch (error) {
    return (error as Error)?.message ?? String(error);
  }
}
