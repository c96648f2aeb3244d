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
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { type Metric, metricsOf } from './bench-metrics.ts';
import { type Obstacle, obstaclesOf, settingsThatDiffer } from './bench-obstacles.ts';
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
  const obstacles = obstaclesOf(before, after, force);
  return { changes, obstacles, ...conclude(changes, obstacles) };
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
