/**
 * `assay run`: a matrix, or one scenario; with `--resume` what an earlier run left out, with
 * `--last-failed` what failed in it.
 */
import { join, resolve } from 'node:path';
import { whyUnfit } from '../matrix/applicability.ts';
import { cellOf, loadMatrix } from '../matrix/matrix.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../matrix/registry.ts';
import { assayCommand, configHash, pluginWords, replayCommand } from '../matrix/replay-command.ts';
import { type ExecuteOptions, execute } from './execute.ts';
import { lastFailed } from './last-failed.ts';
import { matrixPath, OUT } from './places.ts';
import { type PlanChoice, withMatrixPlugins } from './plan-choice.ts';
import { resume } from './resume.ts';
import type { Planned } from './run-manifest.ts';
import { planOfTarget } from './target-run.ts';
import { pairs, parseSetting, wholeNumber } from './words.ts';

const DEFAULT_TARGET = 'engine-sim';

export interface RunOptions extends PlanChoice, ExecuteOptions {
  readonly plugin: readonly string[];
  readonly resume?: string;
  /** The directory of a run; true: the latest. */
  readonly lastFailed?: string | true;
  readonly force: boolean;
}

export async function run(scenario: string | undefined, given: RunOptions): Promise<number> {
  if (given.resume !== undefined) {
    refuseOtherCells('--resume', scenario, given);
    return resume(resolve(given.resume), given);
  }
  if (given.lastFailed !== undefined) {
    refuseOtherCells('--last-failed', scenario, given);
    const latest = join(OUT, 'latest');
    return lastFailed(given.lastFailed === true ? latest : resolve(given.lastFailed), given);
  }
  const options = withMatrixPlugins(given);
  const registry = await loadRegistry(options.plugin);
  const planned = planOf(registry, scenario, options);
  return (await execute(registry, planned, options)).code;
}

/** Cells and their settings come from the earlier run. */
function refuseOtherCells(flag: string, scenario: string | undefined, given: RunOptions): void {
  const named = ['matrix', 'mutant', 'seed', 'shard', 'config'] as const;
  const word = scenario ?? named.find((name) => given[name] !== undefined);
  const also = given.resume !== undefined && given.lastFailed !== undefined;
  if (word === undefined && !also) return;
  throw new UsageError(
    `${flag} takes the cells, seeds and settings of the earlier run: leave out ${word ?? 'the other'}.`,
  );
}

/** What `run` and `plan` mean by their arguments. */
export function planOf(
  registry: Registry,
  scenario: string | undefined,
  options: PlanChoice,
): Planned {
  const seed = options.seed === undefined ? undefined : wholeNumber('--seed', options.seed, 0);
  if (options.matrix !== undefined) {
    if (scenario !== undefined) throw new UsageError('Give a scenario or --matrix, not both.');
    const path = matrixPath(options.matrix);
    const matrix = loadMatrix(path, registry, seed);
    const words = ['run', '--matrix', path, '--seed', String(matrix.seed)];
    return { ...matrix, command: assayCommand(...words, ...pluginWords(options.plugin)) };
  }
  const runSeed = seed ?? Math.floor(Math.random() * 2 ** 32);
  if (scenario === undefined) return planOfTarget(registry, options, runSeed);
  const { target: targetName = DEFAULT_TARGET } = options;
  const chosen = lookUp(registry.scenarios, 'scenario', scenario);
  const settings = pairs('--set', options.set, parseSetting);
  const { target } = lookUp(registry.targets, 'target', targetName);
  const unfit = whyUnfit(registry, chosen, target);
  if (unfit !== undefined) {
    throw new UsageError(
      `${scenario} ${unfit}. (assay list scenarios --target ${targetName} shows what fits.)`,
    );
  }
  const first = cellOf(registry, 0, {
    scenario,
    target: targetName,
    settings,
    plan: options.plan.length === 0 ? undefined : pairs('--plan', options.plan, Number),
    mutant: options.mutant,
  });
  if (options.config !== undefined && options.config !== configHash(first, chosen)) {
    throw new UsageError(
      `The scenario ${scenario} is not the one this command was printed for (config ${options.config}, now ${configHash(first, chosen)}). Check out the commit of the report.`,
    );
  }
  const repeats = wholeNumber('--repeat', options.repeat, 1);
  const cells = Array.from({ length: repeats }, (_, i) => ({
    ...first,
    id: repeats === 1 ? first.id : `${first.id}/repeat ${i + 1}`,
    seed: runSeed,
  }));
  const command = replayCommand({ ...first, seed: runSeed }, chosen, options.plugin);
  return { name: scenario, doc: chosen.why.replace(/\.$/, ''), seed: runSeed, cells, command };
}
