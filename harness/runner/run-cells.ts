/**
 * Runs cells in lanes, each cell in a process of its own. Benchmarks run alone, after the others,
 * because a neighbour would be measured with them. Of clusters one runs at a time.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cell, RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { CellReport, CellRequest } from './cell-request.ts';
import { lookUp, type Registry } from './registry.ts';
import { replayCommand } from './replay-command.ts';

export interface CellWatcher {
  started(cell: Cell): void;
  progressed(cell: Cell, done: number, total: number, unit: string): void;
  finished(record: RunRecord): void;
}

export interface RunCellsOptions {
  readonly registry: Registry;
  readonly plugins: readonly string[];
  /** Each cell writes below it, in a folder named by its id. */
  readonly directory: string;
  readonly lanes: number;
  readonly watcher: CellWatcher;
  /** Stop starting cells after the first that is invalid. */
  readonly bail: boolean;
  /** Look for the smallest run that catches each planted bug. */
  readonly shrinkPlanted?: boolean;
}

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const CELL_PROCESS = fileURLToPath(new URL(`./cell-process${EXTENSION}`, import.meta.url));
const HOOK = new URL(`../mutants/hook${EXTENSION}`, import.meta.url).href;

export async function runCells(
  cells: readonly Cell[],
  options: RunCellsOptions,
): Promise<RunRecord[]> {
  const records = new Map<string, RunRecord>();
  const scenarioOf = (cell: Cell) => lookUp(options.registry.scenarios, 'scenario', cell.scenario);
  const alone = (cell: Cell) => scenarioOf(cell).plan.kind === 'load';
  let stopped = false;
  const isCluster = (cell: Cell) => scenarioOf(cell).plan.kind === 'network';
  const runQueue = async (queue: Cell[], lanes: number) => {
    let clusters = 0;
    const take = () => {
      const at = queue.findIndex((cell) => clusters === 0 || !isCluster(cell));
      return at < 0 ? undefined : queue.splice(at, 1)[0];
    };
    const lane = async () => {
      for (let cell = take(); cell !== undefined && !stopped; cell = take()) {
        options.watcher.started(cell);
        if (isCluster(cell)) clusters++;
        const record = await runCell(cell, scenarioOf(cell), options);
        if (isCluster(cell)) clusters--;
        records.set(cell.id, record);
        options.watcher.finished(record);
        if (options.bail && record.validity === 'invalid') stopped = true;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  const together = cells.filter((cell) => !alone(cell));
  // Clusters first: one lane goes through them while the others take the rest.
  const sorted = [...together.filter(isCluster), ...together.filter((cell) => !isCluster(cell))];
  await runQueue(sorted, options.lanes);
  await runQueue(cells.filter(alone), 1);
  return cells.map((cell) => records.get(cell.id)).filter((record) => record !== undefined);
}

async function runCell(
  cell: Cell,
  scenario: Scenario,
  options: RunCellsOptions,
): Promise<RunRecord> {
  const directory = join(options.directory, cell.id.replaceAll('/', '_'));
  mkdirSync(directory, { recursive: true });
  const { plugins, shrinkPlanted = false } = options;
  const mark = cell.mutant === undefined ? {} : { mark: join(directory, 'mutant-loaded') };
  const request: CellRequest = { cell, directory, plugins, shrinkPlanted, ...mark };
  const startedAt = new Date();
  let isStopped = false;
  const ended = await new Promise<string>((resolve) => {
    const child = fork(CELL_PROCESS, [JSON.stringify(request)], {
      env: { ...process.env, ...mutantEnvironment(request) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let lastWords = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-4000);
    });
    const limitSeconds = Math.max(scenario.limitSeconds, cell.limitSeconds ?? 0);
    const timer = setTimeout(() => {
      isStopped = true;
      child.kill('SIGKILL');
      resolve(`it was stopped after its limit of ${limitSeconds} s`);
    }, limitSeconds * 1000);
    child.on('message', (report: CellReport) => {
      if ('done' in report) {
        options.watcher.progressed(cell, report.done, report.total, report.unit);
      }
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? '' : `its process ended with ${code}: ${lastWords.trim()}`);
    });
  });
  const path = join(directory, 'record.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
  const found = isStopped && request.mark !== undefined && existsSync(request.mark);
  const record = lostRecord(cell, scenario, plugins, startedAt, ended, found);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/**
 * A cell whose process left no record: nobody knows. But where a bug was planted, and it is what
 * keeps the cell from ending, the bug is found.
 */
function lostRecord(
  cell: Cell,
  scenario: Scenario,
  plugins: readonly string[],
  startedAt: Date,
  reason: string,
  found: boolean,
): RunRecord {
  const outcome = found ? 'caught' : 'survived';
  return {
    format: RECORD_FORMAT,
    cell,
    validity: found ? 'valid' : 'unknown',
    expect: scenario.expect,
    verdict: { validity: 'unknown', reasons: [reason], counts: {} },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    figures: {},
    ...(cell.mutant === undefined ? {} : { mutant: { name: cell.mutant, outcome } }),
    artefacts: [],
    replay: replayCommand(cell, scenario, plugins),
    notVerified: [reason],
  };
}

function mutantEnvironment({ cell, mark }: CellRequest): Record<string, string> {
  if (cell.mutant === undefined || mark === undefined) return {};
  const before = process.env.NODE_OPTIONS ?? '';
  return {
    NODE_OPTIONS: `${before} --import ${HOOK}`.trim(),
    ASSAY_MUTANT: cell.mutant,
    ASSAY_MUTANT_MARK: mark,
  };
}
