/**
 * The process that runs one cell, so that cells share nothing and a planted bug stays in here.
 *
 *     node cell-process.ts '<CellRequest as JSON>'
 *
 * Writes the run record and tells the parent how far it is.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import type { Verdict } from '../contract/verdict.ts';
import { ApiCounts } from '../coverage/api-counts.ts';
import { eventLine } from '../history/recorder.ts';
import { runHeaderLine } from '../history/run-header.ts';
import { loadRegistry, type Registry } from '../matrix/registry.ts';
import { replayCommand } from '../matrix/replay-command.ts';
import { planOf, runPlan } from '../plans/run-plan.ts';
import { makeScratch, removeScratch } from '../real/scratch.ts';
import { beginTrace, traceHash } from '../simulation/sim/trace-hash.ts';
import type { CellReport, CellRequest } from './cell-request.ts';
import { cellValidity, whyNotFound } from './expectation.ts';
import { type Outcome, type Progress, RAN_OUT_OF_TIME } from './outcome.ts';
import { saveRecord } from './record-file.ts';
import { type Sizes, shrinkSizes, sizesOf } from './shrink-plan.ts';

const LOG_CHARACTERS = 200_000;
const SHRINK_MS = 20_000;
const SHRINK_PLANTED_MS = 5000;

const request = JSON.parse(process.argv[2]!) as CellRequest;
const counts = new ApiCounts();
const say = (report: CellReport) => process.send?.(report);
/** A plan ends at this share of the limit, and judges what it has. */
const JUDGE_AT_SHARE = 0.8;
const isOverdue = () => performance.now() > request.limitSeconds * 1000 * JUDGE_AT_SHARE;
const progress: Progress = (done, total, unit) => {
  say({ done, total, unit });
  return !isOverdue();
};
const announce = (call: string | undefined) => say({ calling: call ?? null });
process.on('disconnect', () => process.exit(1));

async function run(): Promise<RunRecord> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  mkdirSync(request.directory, { recursive: true });
  const only = request.modules === undefined ? undefined : new Set(request.modules);
  const registry = await loadRegistry(request.plugins, only);
  const scenario = registry.scenarios.get(request.cell.scenario)!;
  let cell = request.cell;
  const { target } = registry.targets.get(cell.target)!;
  const isCounted = cell.mutant === undefined && planOf(scenario, cell).kind !== 'load';
  if (isCounted && target.api !== undefined) counts.watch(await target.api());
  let outcome = await attempt(registry, cell);
  const record = () => recordOf(registry, cell, outcome, { startedAt, began });
  const sizes = sizesOf(planOf(scenario, cell));
  if (outcome.verdict.validity !== 'invalid' || sizes === undefined) return record();
  if (cell.mutant !== undefined) return withShrunk(registry, record(), cell, sizes);
  if (scenario.expect !== 'holds') return record();
  save(record()); // there may not be time for more
  cell = await shrunk(registry, cell, sizes, SHRINK_MS);
  outcome = await attempt(registry, cell);
  return record();
}

/** The record of a planted bug that was caught, with the smallest run that catches it. */
async function withShrunk(
  registry: Registry,
  record: RunRecord,
  cell: CellRequest['cell'],
  sizes: Sizes,
): Promise<RunRecord> {
  if (request.shrinkPlanted !== true || record.mutant?.outcome !== 'caught') return record;
  save(record); // there may not be time for more
  const smallest = await shrunk(registry, cell, sizes, SHRINK_PLANTED_MS);
  const scenario = registry.scenarios.get(cell.scenario)!;
  const { operations, clients } = { ...sizes, ...smallest.plan };
  const to = `${operations} operations, ${clients} clients`;
  const replay = replayCommand(smallest, scenario, request.plugins);
  return { ...record, mutant: { ...record.mutant, shrunk: { to, replay } } };
}

interface Run {
  readonly startedAt: string;
  readonly began: number;
}

function recordOf(
  registry: Registry,
  cell: CellRequest['cell'],
  outcome: Outcome,
  { startedAt, began }: Run,
): RunRecord {
  const { figures, recovery, latency, timeline, notVerified } = outcome;
  const { historyHash = traceHash() } = outcome;
  const mutant = mutantOutcome(outcome.verdict);
  const calls = counts.read();
  const scenario = registry.scenarios.get(cell.scenario)!;
  const missed = mutant === undefined ? whyNotFound(scenario.expect, outcome.verdict) : undefined;
  const reasons = [...(missed === undefined ? [] : [missed]), ...outcome.verdict.reasons];
  const verdict = { ...outcome.verdict, reasons };
  return {
    format: RECORD_FORMAT,
    cell,
    validity: cellValidity(scenario.expect, verdict, mutant?.outcome),
    expect: scenario.expect,
    verdict,
    startedAt,
    durationMs: performance.now() - began,
    figures,
    ...(recovery === undefined ? {} : { recovery }),
    ...(latency === undefined ? {} : { latency }),
    ...(timeline === undefined ? {} : { timeline }),
    ...(mutant === undefined ? {} : { mutant }),
    ...(historyHash === undefined ? {} : { historyHash }),
    ...(Object.keys(calls).length === 0 ? {} : { calls }),
    artefacts: artefacts(),
    replay: replayCommand(cell, scenario, request.plugins),
    notVerified,
  };
}

/** The cell with a plan as small as it can be and still fail. */
async function shrunk(
  registry: Registry,
  cell: CellRequest['cell'],
  sizes: Sizes,
  mostMs: number,
): Promise<CellRequest['cell']> {
  const late = performance.now() + mostMs;
  const withSizes = (smaller: Sizes) => ({ ...cell, plan: { ...cell.plan, ...smaller } });
  const fails = async (smaller: Sizes) =>
    (await attempt(registry, withSizes(smaller))).verdict.validity === 'invalid';
  const least = await shrinkSizes(sizes, fails, () => performance.now() > late);
  return least === sizes ? cell : withSizes(least);
}

async function attempt(registry: Registry, cell: CellRequest['cell']): Promise<Outcome> {
  beginTrace();
  const directory = makeScratch();
  let lines: string[] = [];
  const header = headerOf(registry, cell);
  const drain = () => {
    const first = existsSync(historyPath()) ? '' : header;
    if (lines.length > 0) appendFileSync(historyPath(), first + lines.join(''));
    lines = [];
  };
  const historySink = (line: string) => {
    if (lines.push(line) >= 1000) drain();
  };
  try {
    rmSync(historyPath(), { force: true });
    const artefacts = request.directory;
    const outcome = await runPlan(registry, cell, {
      directory,
      artefacts,
      progress,
      announce,
      historySink,
    });
    drain();
    if (outcome.verdict.validity === 'valid') rmSync(historyPath(), { force: true });
    else if (outcome.events !== undefined) {
      writeFileSync(historyPath(), header + outcome.events.map(eventLine).join(''));
    }
    return outcome;
  } finally {
    removeScratch(directory);
  }
}

/** Records the checkers in the history, for `assay check`. */
function headerOf(registry: Registry, cell: CellRequest['cell']): string {
  const { workload, checkers } = registry.scenarios.get(cell.scenario)!;
  return runHeaderLine({ workload, checkers });
}

/** `caught` is provisional here: the clean twin has yet to be as expected. */
function mutantOutcome({ validity, reasons }: Verdict): RunRecord['mutant'] {
  const { mutant } = request.cell;
  if (mutant === undefined) return undefined;
  const loaded = request.mark !== undefined && existsSync(request.mark);
  const exercised = loaded && readFileSync(request.mark, 'utf8') !== '';
  if (!exercised) return { name: mutant, outcome: 'not-exercised' };
  const late = validity === 'unknown' && reasons[0]?.startsWith(RAN_OUT_OF_TIME) === true;
  const missed = late ? 'ran-out-of-time' : 'survived';
  return { name: mutant, outcome: validity === 'invalid' ? 'caught' : missed };
}

/** Files beside the record; only the end is kept of logs that no report shows. */
function artefacts(): string[] {
  const names = readdirSync(request.directory);
  for (const name of names.filter((one) => one.endsWith('.log'))) {
    const path = join(request.directory, name);
    const text = readFileSync(path, 'utf8');
    if (text.length > LOG_CHARACTERS) writeFileSync(path, text.slice(-LOG_CHARACTERS));
  }
  return names.filter((name) => name === 'history.jsonl' || name.endsWith('.log')).sort();
}

function save(record: RunRecord): void {
  try {
    saveRecord(request.directory, record);
  } catch {
    say({ unsaved: record });
  }
}

function historyPath(): string {
  return join(request.directory, 'history.jsonl');
}

save(await run());
// All that was said has been written when this has been.
if (process.send === undefined) process.exit(0);
process.send({ finished: true } satisfies CellReport, () => process.exit(0));
