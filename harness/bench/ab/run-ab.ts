/**
 * Runs the pairs of a comparison of two commits. A round measures each workload on both sides, back to
 * back and with the same seed. The side that goes first alternates from workload to workload and from
 * round to round (A B, B A, …). Each outcome or failure is saved as soon as its job ends, so an
 * interrupted run continues where it stopped.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AbMeasurement, AbPlan, AbSide } from '../../contract/ab-record.ts';
import { type PlannedJob, planJobs } from '../jobs.ts';
import { type BenchWatcher, runJobs } from '../run-bench.ts';

export interface SidedJob extends PlannedJob {
  readonly side: AbSide;
}

export interface AbPlaces {
  /** Where outcomes are kept. */
  readonly saved: string;
  /** Where the stores live. */
  readonly work: string;
  /** Node's compile cache directory. */
  readonly compiled: string;
  /** The program that runs one job, per side. */
  readonly child: Readonly<Record<AbSide, string>>;
  readonly machine: string;
}

export function planPairs(plan: AbPlan, { work, child }: AbPlaces): SidedJob[] {
  const { bench } = plan;
  const of = (side: AbSide): SidedJob[] =>
    planJobs({ ...bench, stores: storesOf(plan, side) }, join(work, side)).map((planned) => ({
      ...planned,
      side,
      child: child[side],
      name: `${planned.name}-${side}`,
    }));
  const [a, b] = [of('a'), of('b')];
  const perRound = a.length / bench.repetitions;
  return a.flatMap((first, i) => {
    const isSwapped = (Math.floor(i / perRound) + (i % perRound)) % 2 === 1;
    return isSwapped ? [b[i]!, first] : [first, b[i]!];
  });
}

/** Self-check: both sides are wrapped alike, and B waits after each call; see slowed-store.ts. */
function storesOf({ bench, slowPercent }: AbPlan, side: AbSide): readonly string[] {
  if (slowPercent === undefined) return bench.stores;
  return bench.stores.map((store) => `${store}+slow-${side === 'b' ? slowPercent : 0}`);
}

export async function runPairs(
  plan: AbPlan,
  places: AbPlaces,
  watcher: BenchWatcher,
  signal: AbortSignal,
): Promise<AbMeasurement[]> {
  const jobs = planPairs(plan, places);
  const failures = new Failures(join(places.saved, 'failures.json'));
  const sides = new Map(jobs.map((job) => [job.name, job]));
  const noting: BenchWatcher = {
    started: (...what) => watcher.started(...what),
    progressed: (...what) => watcher.progressed(...what),
    finished: (...what) => watcher.finished(...what),
    failed(planned, error) {
      failures.add(sides.get(planned.name)!, error);
      watcher.failed(planned, error);
    },
  };
  if (!existsSync(places.work)) dropUnfinishedRounds(places.saved, jobs, failures);
  const options = {
    saved: places.saved,
    hugePages: plan.bench.hugePages,
    // Without the cache, each process spends half a second compiling what the previous one compiled.
    environment: { NODE_COMPILE_CACHE: places.compiled },
    provenance: ({ name }: PlannedJob) => ({
      commit: plan[sides.get(name)!.side].label,
      node: process.version,
      machine: places.machine,
    }),
  };
  await runJobs(jobs, options, noting, signal);
  const measured = jobs.flatMap(({ name, side, repetition, job }): AbMeasurement[] => {
    const place = { side, round: repetition, workload: job.workload };
    const failure = failures.of(name);
    if (failure !== undefined) return [{ ...place, failure }];
    const path = join(places.saved, `${name}.json`);
    if (!existsSync(path)) return [];
    return [{ ...place, outcome: JSON.parse(readFileSync(path, 'utf8')) }];
  });
  return measured;
}

/** Failures, saved with their cause: a crash that does not recur is still a crash. */
class Failures {
  readonly #path: string;
  readonly #byName: Record<string, string>;

  constructor(path: string) {
    this.#path = path;
    this.#byName = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  }

  add({ name }: SidedJob, error: string): void {
    this.#byName[name] = error;
    writeFileSync(this.#path, JSON.stringify(this.#byName));
  }

  of(name: string): string | undefined {
    return this.#byName[name];
  }
}

/** The stores of an interrupted round were removed: the round is measured again from its start. */
function dropUnfinishedRounds(
  saved: string,
  jobs: readonly SidedJob[],
  failures: { of(name: string): string | undefined },
): void {
  const present = new Set(existsSync(saved) ? readdirSync(saved) : []);
  const isDone = ({ name }: SidedJob) => present.has(`${name}.json`) || failures.of(name);
  const unfinished = new Set(jobs.filter((job) => !isDone(job)).map((job) => job.repetition));
  for (const { name, repetition } of jobs) {
    if (unfinished.has(repetition)) rmSync(join(saved, `${name}.json`), { force: true });
  }
}
