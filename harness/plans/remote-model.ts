/** Remote model: model-based tests of a store through its server and client, one run a seed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nothingWrong, type Outcome, type Progress } from '../cells/outcome.ts';
import type { RemoteModel } from '../contract/scenario.ts';
import type { Settings, StartRemote } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import { deriveSeed } from '../random/prng.ts';
import { RemoteRun } from '../simulation/model/remote/remote-run.ts';

export interface RemoteParts {
  readonly start: StartRemote;
  readonly settings: Settings;
  readonly plan: RemoteModel;
  readonly seed: number;
  readonly directory: string;
  readonly progress: Progress;
}

export async function runRemoteModel(parts: RemoteParts): Promise<Outcome> {
  const { start, settings, plan, seed, progress } = parts;
  const figures = { seeds: 0, commits: 0, comparisons: 0 };
  let bad: string | undefined;
  for (let goOn = true; figures.seeds < plan.seeds && bad === undefined && goOn; ) {
    const runSeed = deriveSeed(seed, `run ${figures.seeds}`);
    const directory = join(parts.directory, `${figures.seeds}`);
    mkdirSync(directory);
    const run = new RemoteRun(start, directory, settings, runSeed);
    const problem = await run.problem(plan.operations);
    if (problem !== undefined) bad = `${problem} — run seed ${runSeed}`;
    figures.commits += run.commits;
    figures.comparisons += run.comparisons;
    goOn = progress(++figures.seeds, plan.seeds, 'seeds');
  }
  const counts = { comparisons: figures.comparisons };
  const verdict: Verdict =
    bad === undefined
      ? nothingWrong(figures.seeds, plan.seeds, 'seeds', counts)
      : { validity: 'invalid', reasons: [bad], counts };
  return { verdict, figures, notVerified: [] };
}
