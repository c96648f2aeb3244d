/**
 * Runs one cell. Each try is a process of its own with the cell's limits, so that a try that hangs
 * takes nothing from the next. A planted bug, and a hole that must be found, get up to
 * `triesMax` seeds; every other cell gets one.
 *
 * A process that leaves no record makes the cell `unknown`, whatever was planted. One exception,
 * for code that runs only in the real environment: a process that ended with exit code 13 (the
 * event loop ran dry) or made no progress. `controls.ts` decides those beside the clean twin.
 *
 * A run that is stopped ends the process. The cell then has no record, unless its process had saved
 * a verdict and was looking for a smaller run.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Cell,
  type MutantOutcome,
  RECORD_FORMAT,
  type RunRecord,
} from '../contract/run-record.ts';
import type { Plan, Scenario } from '../contract/scenario.ts';
import { lookUp, type Registry } from '../matrix/registry.ts';
import { replayCommand } from '../matrix/replay-command.ts';
import { deriveSeed } from '../random/prng.ts';
import { CELL_MEMORY_BYTES, outOfMemory, type Stop, watchLimits } from './cell-limits.ts';
import type { CellReport, CellRequest } from './cell-request.ts';
import { directoryOf, readRecord, recordPath } from './record-file.ts';

/** Seeds tried for an anomaly that must be found, before it counts as not reproduced. */
export const FIND_TRIES = 5;
/** Node's exit code when the event loop is empty and the main module still waits. */
const UNSETTLED_EXIT_CODE = 13;
/** A hung process is one that was silent for this share of its limit. */
const SILENT_SHARE = 0.5;
/** Time for the run to learn of a signal that ended a cell's process. */
const SIGNAL_WAIT_MS = 2000;

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const CELL_PROCESS = fileURLToPath(new URL(`./cell-process${EXTENSION}`, import.meta.url));
const HOOK = new URL(`../mutants/hook${EXTENSION}`, import.meta.url).href;

export interface RunCellOptions {
  readonly registry: Registry;
  readonly plugins: readonly string[];
  /** Each cell writes below it, in a folder named by its id. */
  readonly directory: string;
  readonly progressed: (done: number, total: number, unit: string) => void;
  /** Look for the smallest run that catches each planted bug. */
  readonly shrinkPlanted?: boolean | undefined;
  readonly triesMax?: number | undefined;
  /** Seconds of one try, in place of the scenario's. */
  readonly limitSeconds?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Ends the cell's process when the run is stopped. */
  readonly stop?: AbortSignal | undefined;
}

/** The run was stopped before the cell was finished. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Answers the record; the caller saves it. Throws Interrupted. */
export async function runCell(cell: Cell, options: RunCellOptions): Promise<RunRecord> {
  const scenario = lookUp(options.registry.scenarios, 'scenario', cell.scenario);
  const isSought = cell.mutant !== undefined || typeof scenario.expect === 'object';
  const tries = isSought ? (options.triesMax ?? FIND_TRIES) : 1;
  let record = await attempt(cell, scenario, options);
  let durationMs = record.durationMs;
  let seeds = 1;
  for (; seeds < tries && isWorthAnotherSeed(record); seeds++) {
    if (options.stop?.aborted) {
      rmSync(recordPath(directoryOf(cell, options))); // of one try among several
      throw new Interrupted();
    }
    const seed = deriveSeed(cell.seed, `try ${seeds}`);
    record = await attempt({ ...cell, seed }, scenario, options);
    durationMs += record.durationMs;
  }
  if (!isSought) return record;
  const mutant = record.mutant === undefined ? {} : { mutant: { ...record.mutant, seeds } };
  return { ...record, ...mutant, durationMs };
}

/** Nothing was found yet, and another seed may find it. */
function isWorthAnotherSeed({ mutant, validity, verdict }: RunRecord): boolean {
  if (mutant === undefined) return validity === 'unknown' && verdict.validity !== 'unknown';
  return mutant.outcome === 'survived' || mutant.outcome === 'ran-out-of-time';
}

/** How a process ended, when it left no record. */
interface Ending {
  readonly reason: string;
  /** By the end of the run, not by what the cell did. */
  readonly isInterrupted: boolean;
  readonly stop: Stop | undefined;
  readonly exitCode: number | null;
  /** Milliseconds without a sign of progress before the end. */
  readonly silentMs: number;
  readonly limitSeconds: number;
  /** The record, when the process could not write it. */
  readonly unsaved: RunRecord | undefined;
}

async function attempt(
  cell: Cell,
  scenario: Scenario,
  options: RunCellOptions,
): Promise<RunRecord> {
  const directory = directoryOf(cell, options);
  mkdirSync(directory, { recursive: true });
  const path = recordPath(directory);
  rmSync(path, { force: true });
  const { plugins, shrinkPlanted = false } = options;
  const mark = cell.mutant === undefined ? {} : { mark: join(directory, 'mutant-loaded') };
  const limitSeconds =
    options.limitSeconds ?? Math.max(scenario.limitSeconds, cell.limitSeconds ?? 0);
  const request: CellRequest = {
    cell,
    directory,
    plugins,
    modules: modulesFor(cell, scenario, options.registry),
    shrinkPlanted,
    limitSeconds,
    ...mark,
  };
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const ending = await runProcess(request, options);
  if (ending.unsaved !== undefined) return ending.unsaved;
  if (existsSync(path)) return readRecord(directory);
  if (ending.isInterrupted) throw new Interrupted();
  const base = lostRecord(cell, scenario, plugins, ending.reason);
  const durationMs = performance.now() - began;
  return { ...base, startedAt, durationMs, ...mutantLeft(request, ending) };
}

/** Plans that look at plugins beyond those that their scenario names. */
const WIDE_PLANS: readonly Plan['kind'][] = ['self-check', 'known-histories', 'load'];

function modulesFor(cell: Cell, scenario: Scenario, registry: Registry): string[] | undefined {
  if (WIDE_PLANS.includes(scenario.plan.kind)) return undefined;
  const plugins = [
    scenario,
    registry.targets.get(cell.target)?.target,
    registry.workloads.get(scenario.workload),
    ...scenario.checkers.map((name) => registry.checkers.get(name)),
    ...scenario.faults.map((name) => registry.faults.get(name)),
  ];
  return plugins.flatMap((plugin) => (plugin && registry.modules.get(plugin)) ?? []);
}

async function runProcess(request: CellRequest, options: RunCellOptions): Promise<Ending> {
  const { limitSeconds } = request;
  const { memoryBytes: needed = CELL_MEMORY_BYTES } =
    options.registry.scenarios.get(request.cell.scenario) ?? {};
  const memoryBytes = options.memoryBytes ?? needed;
  if (options.stop?.aborted) throw new Interrupted();
  return new Promise<Ending>((resolve) => {
    const child = fork(CELL_PROCESS, [JSON.stringify(request)], {
      env: { ...process.env, ...mutantEnvironment(request, options.registry) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const limits = watchLimits(child, { seconds: limitSeconds, memoryBytes });
    const kill = () => child.kill('SIGKILL');
    options.stop?.addEventListener('abort', kill);
    let heard = performance.now();
    let lastWords = '';
    let unsaved: RunRecord | undefined;
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-4000);
    });
    child.on('message', (report: CellReport) => {
      heard = performance.now();
      if ('done' in report) options.progressed(report.done, report.total, report.unit);
      if ('calling' in report) limits.calling(report.calling);
      if ('unsaved' in report) unsaved = report.unsaved;
    });
    child.on('close', async (exitCode, signal) => {
      const stop = limits.end();
      const silentMs = performance.now() - heard;
      const isInterrupted = stop === undefined && (await wasStopped(options.stop, signal));
      options.stop?.removeEventListener('abort', kill);
      const reason = stop?.reason ?? wordsOf(exitCode, signal, lastWords);
      resolve({ reason, isInterrupted, stop, exitCode, silentMs, limitSeconds, unsaved });
    });
  });
}

/**
 * Whether the run was stopped. A terminal sends Ctrl-C to the cell's process as well, which may end
 * before the run has heard of it.
 */
async function wasStopped(stop: AbortSignal | undefined, signal: string | null): Promise<boolean> {
  if (stop === undefined) return false;
  if (stop.aborted || (signal !== 'SIGINT' && signal !== 'SIGTERM')) return stop.aborted;
  const heard = new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  await Promise.race([heard, delay(SIGNAL_WAIT_MS)]);
  return stop.aborted;
}

function wordsOf(exitCode: number | null, signal: string | null, lastWords: string): string {
  const heap = /Mark-Compact.*?(\d+)(?:\.\d+)? \(\d/.exec(lastWords)?.[1];
  if (lastWords.includes('heap out of memory')) {
    return heap === undefined
      ? 'killed: out of memory (JavaScript heap)'
      : outOfMemory(Number(heap) * 2 ** 20);
  }
  return `its process ended with ${signal ?? exitCode}: ${lastWords.trim()}`;
}

/** The record of a cell whose process left none: unknown. */
function lostRecord(
  cell: Cell,
  scenario: Scenario,
  plugins: readonly string[],
  reason: string,
): Omit<RunRecord, 'startedAt' | 'durationMs'> {
  return {
    format: RECORD_FORMAT,
    cell,
    validity: 'unknown',
    expect: scenario.expect,
    verdict: { validity: 'unknown', reasons: [reason], counts: {} },
    figures: {},
    artefacts: [],
    replay: replayCommand(cell, scenario, plugins),
    notVerified: [reason],
  };
}

function mutantLeft(request: CellRequest, ending: Ending): { mutant?: MutantOutcome } {
  const { cell, mark } = request;
  if (cell.mutant === undefined) return {};
  const loaded = mark !== undefined && existsSync(mark);
  if (!loaded) return { mutant: { name: cell.mutant, outcome: 'not-exercised' } };
  const hungMs = ending.limitSeconds * 1000 * SILENT_SHARE;
  const hung = ending.stop?.kind === 'time' && ending.silentMs >= hungMs;
  const ended = ending.stop === undefined && ending.exitCode === UNSETTLED_EXIT_CODE;
  const stuck = hung ? 'no-progress' : ended ? 'exit-13' : undefined;
  const outcome = ending.stop?.kind === 'time' ? 'ran-out-of-time' : 'survived';
  return { mutant: { name: cell.mutant, outcome, ...(stuck === undefined ? {} : { stuck }) } };
}

function mutantEnvironment(
  { cell, mark }: CellRequest,
  registry: Registry,
): Record<string, string> {
  if (cell.mutant === undefined || mark === undefined) return {};
  const before = process.env.NODE_OPTIONS ?? '';
  return {
    NODE_OPTIONS: `${before} --import ${HOOK}`.trim(),
    ASSAY_MUTANT: JSON.stringify(lookUp(registry.mutants, 'mutant', cell.mutant)),
    ASSAY_MUTANT_MARK: mark,
  };
}
