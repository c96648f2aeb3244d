/** `assay run`: a matrix, or one scenario. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { apiValidity } from '../../reports/api-coverage.ts';
import { API_COVERAGE, writeReports } from '../../reports/io.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import type { Cell, RunRecord } from '../contract/run-record.ts';
import { exitCode } from '../contract/verdict.ts';
import { coverageOf } from '../coverage/api-coverage.ts';
import { sweepScratch } from '../real/scratch.ts';
import { whyUnfit } from '../runner/applicability.ts';
import { type ApiDemand, cellOf, loadMatrix } from '../runner/matrix.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../runner/registry.ts';
import { configHash } from '../runner/replay-command.ts';
import { runCells } from '../runner/run-cells.ts';
import { sourceHash } from '../runner/source-hash.ts';
import { missingRequirements } from './doctor.ts';
import { commitOf, describeMachine } from './machine.ts';
import { CHECKLISTS, matrixPath, OUT, PUBLISHED } from './places.ts';
import { ProgressDisplay } from './progress.ts';
import { largeNumber, pairs, parseSetting, wholeNumber } from './words.ts';

export interface ExecuteOptions {
  readonly plugin: readonly string[];
  readonly lanes: string;
  readonly repeat: string;
  readonly require?: string;
  readonly bail: boolean;
  readonly out?: string;
  readonly json: boolean;
  /** Seeds, and seconds of each, for what must be found. */
  readonly tries?: string;
  readonly limit?: string;
  readonly memory?: string;
  /** Whether to look for the smallest run that catches each planted bug. */
  readonly shrink?: boolean;
}

export interface RunOptions extends ExecuteOptions {
  readonly matrix?: string;
  readonly target: string;
  readonly set: readonly string[];
  readonly plan: readonly string[];
  readonly mutant?: string;
  readonly seed?: string;
  readonly config?: string;
}

export interface Planned {
  readonly name: string;
  readonly doc: string;
  readonly seed: number;
  readonly cells: readonly Cell[];
  /** Whose interface has to be judged by these cells. */
  readonly api?: ApiDemand;
}

export async function run(scenario: string | undefined, options: RunOptions): Promise<number> {
  const registry = await loadRegistry(options.plugin);
  const planned = plan(registry, scenario, options);
  const command = (records: readonly RunRecord[]) => commandOf(scenario, options, planned, records);
  return execute(registry, planned, options, command);
}

/** Runs what was planned and writes its report; answers the exit code. */
export async function execute(
  registry: Registry,
  planned: Planned,
  options: ExecuteOptions,
  command: (records: readonly RunRecord[]) => string,
): Promise<number> {
  const missing = missingRequirements(options.require ?? '');
  const lanes = wholeNumber('--lanes', options.lanes, 1);
  sweepScratch();
  const startedAt = new Date();
  const tree = sourceHash();
  // Servers of a cell run in directories of their own.
  const directory = resolve(
    options.out ?? join(OUT, startedAt.toISOString().replaceAll(/[:.]/g, '-')),
  );
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new UsageError(`${directory} is not empty; a run goes into a directory of its own.`);
  }
  mkdirSync(join(directory, 'cells'), { recursive: true });
  console.error(`assay: ${planned.name}, ${planned.cells.length} cells, seed ${planned.seed}`);

  const began = performance.now();
  const display = new ProgressDisplay(planned.cells.length);
  const records = await runCells(planned.cells, {
    registry,
    plugins: options.plugin,
    directory: join(directory, 'cells'),
    lanes,
    watcher: display,
    bail: options.bail,
    shrinkPlanted: options.shrink ?? false,
    triesMax: options.tries === undefined ? undefined : wholeNumber('--tries', options.tries, 1),
    limitSeconds:
      options.limit === undefined ? undefined : wholeNumber('--limit', options.limit, 1),
    memoryBytes:
      options.memory === undefined ? undefined : largeNumber('--memory', options.memory, 1),
    controlCache: planned.cells.some(({ mutant }) => mutant !== undefined)
      ? join(OUT, 'controls', tree)
      : undefined,
  });
  display.end();
  const info: RunInfo = {
    name: planned.name,
    doc: planned.doc,
    seed: planned.seed,
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - began,
    commit: commitOf(),
    tree,
    machine: describeMachine(),
    node: process.versions.node,
    command: command(records),
  };
  writeFileSync(join(directory, 'run.json'), `${JSON.stringify(info, null, 2)}\n`);
  const coverage = planned.api && (await coverageOf(registry, planned.api, records));
  if (coverage !== undefined) {
    writeFileSync(join(directory, API_COVERAGE), `${JSON.stringify(coverage, null, 2)}\n`);
  }
  const { headline } = writeReports(directory, CHECKLISTS, PUBLISHED);
  linkLatest(directory);
  announce(directory, headline, records, options);
  const code = exitCode([
    ...records.map((record) => record.validity),
    ...(coverage === undefined ? [] : [apiValidity(coverage)]),
  ]);
  if (missing.length > 0) {
    console.log(`unknown: required and missing: ${missing.join(', ')} (assay doctor says how)`);
    return Math.max(2, code);
  }
  return code;
}

function plan(registry: Registry, scenario: string | undefined, options: RunOptions): Planned {
  const seed = options.seed === undefined ? undefined : wholeNumber('--seed', options.seed, 0);
  if (options.matrix !== undefined) {
    if (scenario !== undefined) throw new UsageError('Give a scenario or --matrix, not both.');
    return loadMatrix(matrixPath(options.matrix), registry, seed);
  }
  if (scenario === undefined) {
    throw new UsageError('What to run? Give a scenario (assay list scenarios) or --matrix ci.');
  }
  const chosen = lookUp(registry.scenarios, 'scenario', scenario);
  const settings = pairs('--set', options.set, parseSetting);
  const { target } = lookUp(registry.targets, 'target', options.target);
  const unfit = whyUnfit(registry, chosen, target);
  if (unfit !== undefined) {
    throw new UsageError(
      `${scenario} ${unfit}. (assay list scenarios --target ${options.target} shows what fits.)`,
    );
  }
  const first = cellOf(registry, 0, {
    scenario,
    target: options.target,
    settings,
    plan: options.plan.length === 0 ? undefined : pairs('--plan', options.plan, Number),
    mutant: options.mutant,
  });
  if (options.config !== undefined && options.config !== configHash(first, chosen)) {
    throw new UsageError(
      `The scenario ${scenario} is not the one this command was printed for (config ${options.config}, now ${configHash(first, chosen)}). Check out the commit of the report.`,
    );
  }
  const runSeed = seed ?? Math.floor(Math.random() * 2 ** 32);
  const repeats = wholeNumber('--repeat', options.repeat, 1);
  const cells = Array.from({ length: repeats }, (_, i) => ({
    ...first,
    id: repeats === 1 ? first.id : `${first.id}/repeat ${i + 1}`,
    seed: runSeed,
  }));
  return { name: scenario, doc: chosen.why.replace(/\.$/, ''), seed: runSeed, cells };
}

/** The verdict first, then what fails and how to replay it, then where the report lies. */
function announce(
  directory: string,
  headline: string,
  records: readonly RunRecord[],
  options: ExecuteOptions,
): void {
  if (options.json) {
    console.log(readFileSync(join(directory, 'results.json'), 'utf8').trimEnd());
    return;
  }
  console.log(headline);
  const bugs = records.filter((record) => record.mutant !== undefined);
  const caught = bugs.filter((record) => record.mutant?.outcome === 'caught');
  if (bugs.length > 0) console.log(`planted bugs caught: ${caught.length} of ${bugs.length}`);
  const shown = records.filter(
    ({ validity, mutant }) =>
      validity === 'invalid' ||
      validity === 'unknown' ||
      (mutant !== undefined && bugs.length === 1),
  );
  for (const record of shown) {
    const { cell, verdict, validity, mutant } = record;
    console.log(`\n${mutant?.outcome ?? validity}: ${cell.id}, seed ${cell.seed}`);
    for (const reason of verdict.reasons.slice(0, 5)) console.log(`  ${reason}`);
    console.log(`  first bad operation: ${verdict.firstBadIndex ?? 'not known'}`);
    const artefacts = join(directory, 'cells', cell.id.replaceAll('/', '_'));
    console.log(`  artefacts: ${relative(process.cwd(), artefacts) || '.'}`);
    if (record.historyHash !== undefined) console.log(`  history: ${record.historyHash}`);
    console.log(`  replay: ${record.replay}`);
  }
  const repeats = wholeNumber('--repeat', options.repeat, 1);
  if (repeats > 1) {
    const failed = records.filter(({ verdict }) => verdict.validity === 'invalid').length;
    console.log(`reproduced ${failed} of ${records.length}`);
  }
  console.log(`report: ${join(directory, 'report.html')}`);
}

function commandOf(
  scenario: string | undefined,
  options: RunOptions,
  planned: Planned,
  records: readonly RunRecord[],
): string {
  if (scenario !== undefined) return records[0]?.replay ?? '';
  return `npm run assay -- run --matrix ${options.matrix} --seed ${planned.seed}`;
}

function linkLatest(directory: string): void {
  const link = join(OUT, 'latest');
  try {
    rmSync(link, { force: true });
    symlinkSync(relative(OUT, directory), link);
  } catch {
    // A convenience only: some file systems have no links.
  }
}
