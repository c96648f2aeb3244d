/**
 * Runs the cells of a plan and writes the report. The plan is saved first, each cell when it ends,
 * so a run that is stopped or killed is resumed from its directory alone. Verdicts outlive an output
 * directory that can't be written: they are printed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { apiValidity } from '../../reports/api-coverage.ts';
import { API_COVERAGE, writeReports } from '../../reports/io.ts';
import { headlineOf } from '../../reports/model.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import { runCells } from '../cells/run-cells.ts';
import { RunJournal } from '../cells/run-journal.ts';
import type { Cell, RunRecord } from '../contract/run-record.ts';
import { exitCode } from '../contract/verdict.ts';
import { coverageOf } from '../coverage/api-coverage.ts';
import { type Registry, UsageError } from '../matrix/registry.ts';
import { assayCommand } from '../matrix/replay-command.ts';
import { type Shard, shardCells, shardName } from '../matrix/shards.ts';
import { sweepScratch } from '../real/scratch.ts';
import { announce } from './announce.ts';
import { missingRequirements } from './doctor.ts';
import { describeMachine } from './machine.ts';
import { CHECKLISTS, OUT, PUBLISHED } from './places.ts';
import { ProgressDisplay } from './progress.ts';
import { CELLS, linkLatest, newRunDirectory, whyNot, writeJson } from './run-directory.ts';
import { manifestOf, type Planned, type RunManifest, saveManifest } from './run-manifest.ts';
import { RunStop } from './run-stop.ts';
import { largeNumber, wholeNumber } from './words.ts';

const SHARDS_MAX = 10_000;

export interface ExecuteOptions {
  readonly plugin: readonly string[];
  readonly lanes: string;
  readonly require?: string;
  readonly bail: boolean;
  readonly out?: string;
  readonly json: boolean;
  /** Number of seeds, and seconds of each, for cells that must find an anomaly. */
  readonly tries?: string;
  readonly limit?: string;
  readonly memory?: string;
  readonly timeLimit?: string;
  /** `i/n`: run only this part of the cells. */
  readonly shard?: string;
  /** Whether to search for the smallest run that catches each planted bug. */
  readonly shrink?: boolean;
}

export interface Ran {
  readonly code: number;
  readonly records: readonly RunRecord[];
}

/** Runs what was planned, in a directory of its own. */
export async function execute(
  registry: Registry,
  planned: Planned,
  options: ExecuteOptions,
  prefix = '',
): Promise<Ran> {
  const { tries, limit, memory } = options;
  const settings = {
    bail: options.bail,
    shrinkPlanted: options.shrink ?? false,
    triesMax: tries === undefined ? undefined : wholeNumber('--tries', tries, 1),
    limitSeconds: limit === undefined ? undefined : wholeNumber('--limit', limit, 1),
    memoryBytes: memory === undefined ? undefined : largeNumber('--memory', memory, 1),
  };
  const lanes = wholeNumber('--lanes', options.lanes, 1);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  if (shardCells(planned.cells, shard).length === 0) {
    throw new UsageError(
      `Shard ${options.shard} of ${planned.name} has no cells: take fewer shards.`,
    );
  }
  const manifest = manifestOf(planned, options.plugin, lanes, settings, shard);
  return start(registry, manifest, options, prefix);
}

function parseShard(text: string): Shard {
  const [index = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text)?.slice(1) ?? []).map(Number);
  if (index >= 1 && index <= of && of <= SHARDS_MAX) return { index, of };
  throw new UsageError(`--shard wants i/n with 1 <= i <= n <= ${SHARDS_MAX}, not "${text}".`);
}

/** Saves a plan in a directory of its own, and runs it. */
export async function start(
  registry: Registry,
  manifest: RunManifest,
  options: PartOptions & { readonly out?: string },
  prefix = '',
): Promise<Ran> {
  missingRequirements(options.require ?? ''); // refuses unknown names before anything is written
  const directory = newRunDirectory(options.out, prefix);
  saveManifest(directory, manifest);
  return runPart(registry, directory, manifest, options);
}

export interface PartOptions {
  readonly require?: string | undefined;
  readonly timeLimit?: string | undefined;
  readonly json: boolean;
}

/** Runs the cells of a saved plan that have not finished, and writes the report of all that have. */
export async function runPart(
  registry: Registry,
  directory: string,
  manifest: RunManifest,
  options: PartOptions,
): Promise<Ran> {
  const cells = shardCells(manifest.cells, manifest.shard);
  const missing = missingRequirements(options.require ?? '');
  const seconds =
    options.timeLimit === undefined ? undefined : wholeNumber('--time-limit', options.timeLimit, 1);
  sweepScratch();
  const journal = new RunJournal(directory);
  const finished = journal.records(cells, join(directory, CELLS));
  const done = finished.size === 0 ? '' : `, ${finished.size} of them finished before`;
  console.error(`assay: ${nameOf(manifest)}, ${cells.length} cells${done}, seed ${manifest.seed}`);
  const stop = new RunStop(seconds);
  const began = performance.now();
  const display = new ProgressDisplay(cells.length, finished.size);
  const records = await runCells(cells, {
    registry,
    plugins: manifest.plugins,
    directory: join(directory, CELLS),
    lanes: manifest.lanes,
    watcher: display,
    ...manifest.settings,
    controlCache: cells.some(({ mutant }) => mutant !== undefined)
      ? join(OUT, 'controls', manifest.tree)
      : undefined,
    finished,
    stop: stop.signal,
    saved: ({ cell }) => journal.add(cell.id),
    outputFailed: (error) => stop.stop(`${directory} can't be written: ${whyNot(error)}`),
  });
  display.end();
  stop.end();
  const ms = performance.now() - began;
  const info = infoOf(manifest, directory, ms, whyPartial(cells, records, stop.why));
  const code = await report(registry, directory, manifest, info, records, options);
  if (info.partial !== undefined) sayWhatIsLeft(directory, cells, records, info.partial.why);
  if (missing.length === 0) return { code, records };
  console.log(`unknown: required and missing: ${missing.join(', ')} (assay doctor says how)`);
  return { code: Math.max(2, code), records };
}

/** Writes the report and prints its conclusion; returns the exit code. */
export async function report(
  registry: Registry,
  directory: string,
  manifest: RunManifest,
  info: RunInfo,
  records: readonly RunRecord[],
  { json }: { readonly json: boolean },
): Promise<number> {
  const { partial } = info;
  const isWhole = partial === undefined;
  const coverage =
    isWhole && manifest.api ? await coverageOf(registry, manifest.api, records) : undefined;
  const code = exitCode([
    ...records.map((record) => record.validity),
    ...(coverage === undefined ? [] : [apiValidity(coverage)]),
    ...(isWhole ? [] : (['unknown'] as const)),
  ]);
  try {
    writeJson(join(directory, 'run.json'), info);
    if (coverage !== undefined) writeJson(join(directory, API_COVERAGE), coverage);
    const { headline } = writeReports(directory, CHECKLISTS, PUBLISHED);
    linkLatest(directory);
    announce(directory, headline, records, json);
    return code;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).syscall) throw error;
    console.log(headlineOf(records, [], coverage, partial));
    for (const { validity, cell } of records) console.log(`${validity.padEnd(11)} ${cell.id}`);
    console.error(`assay: there is no report in ${directory}: ${whyNot(error as Error)}.`);
    return code === 1 ? 1 : 2;
  }
}

function nameOf({ name, shard }: RunManifest): string {
  return shard === undefined ? name : `${name}, shard ${shardName(shard)}`;
}

function infoOf(
  manifest: RunManifest,
  directory: string,
  ms: number,
  partial: RunInfo['partial'],
): RunInfo {
  const { doc, seed, startedAt, commit, tree, command } = manifest;
  const before = join(directory, 'run.json');
  const earlier = existsSync(before)
    ? (JSON.parse(readFileSync(before, 'utf8')) as RunInfo)
    : undefined;
  return {
    ...{ name: nameOf(manifest), doc, seed, startedAt, commit, tree, command },
    durationMs: ms + (earlier?.durationMs ?? 0),
    machine: describeMachine(),
    node: process.versions.node,
    ...(partial !== undefined && { partial }),
  };
}

function whyPartial(
  { length }: readonly Cell[],
  records: readonly RunRecord[],
  why: string | undefined,
): RunInfo['partial'] {
  if (records.length === length) return undefined;
  return { cells: length, why: why ?? 'an invalid cell, and --bail' };
}

function sayWhatIsLeft(
  directory: string,
  cells: readonly Cell[],
  records: readonly RunRecord[],
  why: string,
): void {
  const done = new Set(records.map(({ cell }) => cell.id));
  const left = cells.filter(({ id }) => !done.has(id));
  console.error(`\nassay: stopped by ${why}; ${left.length} of ${cells.length} cells left out:`);
  const SHOWN = 10;
  for (const { id } of left.slice(0, SHOWN)) console.error(`  ${id}`);
  if (left.length > SHOWN) console.error(`  and ${left.length - SHOWN} more`);
  console.error(`go on: ${assayCommand('run', '--resume', directory)}`);
}
