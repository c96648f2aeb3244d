/**
 * What changed between two saved benchmarks, and what keeps them from being compared.
 *
 * Each figure of each workload (bench-metrics.ts) is a row: Mann–Whitney's test, adjusted over all
 * rows (Holm). A change counts when it is significant and larger than its threshold. Runs that were
 * not made in pairs differ by what the machine did meanwhile: `assay bench ab` is the better test.
 *
 * What is crashed, missing or wrong in the second alone is a regression. What differs in settings,
 * machine or Node, was cut short or overflowed a histogram can't be compared.
 */
import type { BenchOutcome, BenchRun } from '../harness/contract/bench-record.ts';
import { type Metric, metricsOf } from './bench-metrics.ts';
import { compareSamples } from './rank-test.ts';
import { holm, median } from './statistics.ts';

export interface Change {
  readonly workload: string;
  readonly store: string;
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** Positive is better. */
  readonly change: number;
  readonly p: number;
  readonly adjusted: number;
  /** Cliff's delta. */
  readonly effect: number;
  readonly verdict: 'improved' | 'regressed' | 'within noise' | 'too few runs';
}

/** What is not a matter of more or less. */
export interface Obstacle {
  readonly what: string;
  /** Whether it is the second run's alone, which makes it a regression. */
  readonly isRegression: boolean;
}

export interface BenchComparison {
  readonly changes: readonly Change[];
  readonly obstacles: readonly Obstacle[];
  readonly exit: 0 | 1 | 2;
  readonly reason: string;
}

const LEVEL = 0.05;

/** Whether other machines, Nodes and settings are let through as they are. */
export function compareRuns(
  before: BenchRun,
  after: BenchRun,
  threshold: number,
  force = false,
): BenchComparison {
  const differences = settingsThatDiffer(before, after);
  if (differences.length > 0 && !force) {
    const reason = `can't be compared: ${differences.join('; ')} (--force compares all the same)`;
    const obstacles = differences.map((what) => ({ what, isRegression: false }));
    return { changes: [], obstacles, exit: 2, reason };
  }
  const changes = changesOf(before, after, threshold);
  const obstacles = obstaclesOf(before, after);
  return { changes, obstacles, ...conclude(changes, obstacles) };
}

/** How often, on what and which workloads may differ: rows that only one run has are told apart. */
const MAY_DIFFER = new Set(['repetitions', 'stores', 'workloads']);

export function settingsThatDiffer(before: BenchRun, after: BenchRun): string[] {
  const found: string[] = [];
  const compare = (name: string, one: unknown, other: unknown) => {
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      found.push(`${name} ${one ?? 'not set'} and ${other ?? 'not set'}`);
    }
  };
  compare('machine', before.machine, after.machine);
  compare('Node', before.node, after.node);
  const [old, now] = [before.plan, after.plan] as unknown as Record<string, unknown>[];
  for (const name of new Set([...Object.keys(old!), ...Object.keys(now!)])) {
    if (!MAY_DIFFER.has(name)) compare(name, old![name], now![name]);
  }
  return found;
}

interface Samples {
  readonly workload: string;
  readonly store: string;
  readonly metric: Metric;
  readonly before: number[];
  readonly after: number[];
}

function changesOf(before: BenchRun, after: BenchRun, threshold: number): Change[] {
  const samples = new Map<string, Samples>();
  for (const side of ['before', 'after'] as const) {
    for (const outcome of (side === 'before' ? before : after).outcomes) {
      const { workload, store } = outcome.job;
      if (outcome.cutShort) continue;
      for (const metric of metricsOf(outcome)) {
        const key = `${workload} ${store} ${metric.name}`;
        const one = samples.get(key) ?? { workload, store, metric, before: [], after: [] };
        samples.set(key, one);
        one[side].push(metric.value);
      }
    }
  }
  const both = [...samples.values()].filter((one) => one.before.length * one.after.length > 0);
  const tests = both.map((one) => compareSamples(one.before, one.after));
  const adjusted = holm(tests.map(({ p }) => p));
  return both.map((one, i) => {
    const { change, p, effect } = tests[i]!;
    const better = one.metric.isCost ? -change : change;
    const few = smallestP(one.before.length, one.after.length) * both.length > LEVEL;
    const counts = adjusted[i]! <= LEVEL && Math.abs(change) > threshold * one.metric.tolerance;
    return {
      workload: one.workload,
      store: one.store,
      what: one.metric.name,
      before: median(one.before),
      after: median(one.after),
      change: better,
      p,
      adjusted: adjusted[i]!,
      effect,
      verdict: counts
        ? better > 0
          ? 'improved'
          : 'regressed'
        : few
          ? 'too few runs'
          : 'within noise',
    };
  });
}

/** What Mann–Whitney's test gives when all of one sample lie above all of the other. */
function smallestP(n: number, m: number): number {
  let choices = 1;
  for (let i = 1; i <= n; i++) choices *= (m + i) / i;
  return Math.min(1, 2 / choices);
}

/** Repetitions of each run with which `rows` rows can be told apart. */
export function repetitionsFor(rows: number): number {
  let count = 2;
  while (smallestP(count, count) * rows > LEVEL) count++;
  return count;
}

function obstaclesOf(before: BenchRun, after: BenchRun): Obstacle[] {
  const found: Obstacle[] = [];
  const keyOf = ({ job }: BenchOutcome) => `${job.workload} on ${job.store}`;
  const keys = new Set([...before.outcomes, ...after.outcomes].map(keyOf));
  for (const run of [before, after]) {
    for (const what of run.missing) keys.add(nameOf(what));
    for (const workload of run.plan.workloads) {
      const isKnown = [...keys].some((key) => key.startsWith(`${workload} on `));
      if (!isKnown) keys.add(`${workload} on ${run.plan.stores[0]}`);
    }
  }
  for (const run of [before, after]) {
    const commits = [...new Set(run.outcomes.map(({ provenance }) => provenance?.commit))];
    if (commits.length < 2) continue;
    const what = `${run.commit} mixes outcomes of ${commits.map((one) => one ?? 'unknown').join(', ')}`;
    found.push({ what, isRegression: false });
  }
  for (const key of keys) {
    const [old, now] = [before, after].map((run) => stateOf(run, key, keyOf));
    for (const fault of ['missing', 'wrong', 'cutShort', 'overflowed'] as const) {
      const [a, b] = [old![fault], now![fault]];
      if (a === undefined && b === undefined) continue;
      const where = a === undefined ? 'after' : b === undefined ? 'before' : 'both';
      const isFault = fault === 'missing' ? now!.isPlanned : fault === 'wrong';
      found.push({
        what: `${key}: ${b ?? a} (${where})`,
        isRegression: isFault && a === undefined,
      });
    }
  }
  return found;
}

/** Of `scans on level: no room`, what was missing. */
const nameOf = (missing: string) => missing.split(': ')[0]!;

function stateOf(run: BenchRun, key: string, keyOf: (outcome: BenchOutcome) => string) {
  const outcomes = run.outcomes.filter((outcome) => keyOf(outcome) === key);
  const failed = run.missing.find((what) => nameOf(what) === key);
  const [workload, store] = key.split(' on ') as [string, string];
  const isPlanned = run.plan.workloads.includes(workload) && run.plan.stores.includes(store);
  const wrong = outcomes.reduce((sum, one) => sum + one.wrong, 0);
  const exceeds = outcomes.flatMap(({ latency }) => Object.values(latency).map((at) => at.exceeds));
  const { repetitions } = run.plan;
  const missing =
    failed ??
    (outcomes.length === 0
      ? 'not measured'
      : outcomes.length < repetitions
        ? `measured ${outcomes.length} times of ${repetitions}`
        : undefined);
  return {
    isPlanned: isPlanned || failed !== undefined,
    missing: missing?.replace(`${key}: `, ''),
    wrong: wrong > 0 ? `read ${wrong} values nobody wrote` : undefined,
    cutShort: outcomes.some((one) => one.cutShort) ? 'cut short by the time limit' : undefined,
    overflowed: exceeds.some((count) => count > 0)
      ? 'latencies beyond what the histogram holds'
      : undefined,
  };
}

function conclude(
  changes: readonly Change[],
  obstacles: readonly Obstacle[],
): Pick<BenchComparison, 'exit' | 'reason'> {
  const worse = [
    ...obstacles.filter(({ isRegression }) => isRegression).map(({ what }) => what),
    ...changes
      .filter(({ verdict }) => verdict === 'regressed')
      .map(({ workload, store, what }) => `${workload} on ${store}: ${what}`),
  ];
  if (worse.length > 0) return { exit: 1, reason: `worse: ${listed(worse)}` };
  if (changes.length === 0) return { exit: 2, reason: 'the runs have nothing in common' };
  if (obstacles.length > 0) {
    const names = obstacles.map(({ what }) => what);
    return { exit: 2, reason: `not everything can be compared: ${listed(names)}` };
  }
  const few = changes.filter(({ verdict }) => verdict === 'too few runs').length;
  if (few > 0) {
    const wanted = repetitionsFor(changes.length);
    return {
      exit: 2,
      reason: `too few runs to tell ${few} of ${changes.length} rows: --repeat ${wanted} or more, or assay bench ab`,
    };
  }
  return { exit: 0, reason: `nothing became worse in ${changes.length} rows` };
}

const listed = (names: readonly string[]) =>
  `${names.slice(0, 3).join('; ')}${names.length > 3 ? `; and ${names.length - 3} more` : ''}`;
