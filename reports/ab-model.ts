/**
 * The verdict of a comparison of two commits: one row for each figure of each workload, tested
 * together (paired-test.ts), and what could not be compared.
 *
 * Exit codes: 1 when B is worse in a row by more than its threshold and beyond chance, or crashed,
 * or read wrong values where A did not. 2 when nothing of that was found, but something was not
 * measured, or a difference as large as the threshold could have been missed. 0 otherwise.
 */
import type { AbMeasurement, AbRun, AbSide } from '../harness/contract/ab-record.ts';
import type { BenchOutcome } from '../harness/contract/bench-record.ts';
import { type Metric, metricsOf, worseBy } from './bench-metrics.ts';
import { LEVEL, type PairedTest, type RowTest, testPairs } from './paired-test.ts';
import { median } from './statistics.ts';

export interface AbRow {
  readonly workload: string;
  readonly what: string;
  readonly a: number;
  readonly b: number;
  /** B over A, and its 95 % interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
  readonly p: number;
  readonly adjusted: number;
  /** The smallest relative slowdown of B that would be found in 80 % of such runs. */
  readonly detectable: number;
  readonly threshold: number;
  readonly verdict: 'worse' | 'better' | 'no difference' | 'too noisy';
}

/** Findings that are not a difference of a figure. */
export interface AbProblem {
  readonly workload: string;
  readonly what: string;
  /** Whether only B has it, which makes it a regression. */
  readonly isRegression: boolean;
}

export interface AbVerdict {
  readonly rows: readonly AbRow[];
  readonly problems: readonly AbProblem[];
  readonly test: Pick<PairedTest, 'method' | 'swaps'>;
  readonly exit: 0 | 1 | 2;
  readonly reason: string;
}

export function judgeAb(run: AbRun): AbVerdict {
  const { threshold, correction, bench } = run.plan;
  const series = pairedSeries(run);
  const test = testPairs(
    series.map(({ differences }) => differences),
    correction,
    bench.seed,
  );
  const rows = series.map((one, i) => rowOf(one, test.rows[i]!, threshold));
  const problems = problemsOf(run);
  return { rows, problems, test, ...exitOf(rows, problems, run.measurements.length > 0) };
}

interface Series {
  readonly workload: string;
  readonly metric: Metric;
  readonly a: number[];
  readonly b: number[];
  readonly differences: (number | undefined)[];
}

function pairedSeries({ plan, measurements }: AbRun): Series[] {
  const found = new Map<string, Series>();
  const rounds = plan.bench.repetitions;
  const ofB = new Map<string, BenchOutcome>();
  for (const { side, round, workload, outcome } of measurements) {
    if (side === 'b' && outcome !== undefined) ofB.set(`${round} ${workload}`, outcome);
  }
  for (const { side, round, workload, outcome } of measurements) {
    if (side !== 'a' || outcome === undefined) continue;
    const other = ofB.get(`${round} ${workload}`);
    if (other === undefined || outcome.cutShort || other.cutShort) continue;
    const others = new Map(metricsOf(other).map((metric) => [metric.name, metric]));
    for (const metric of metricsOf(outcome)) {
      const second = others.get(metric.name);
      if (second === undefined) continue;
      const key = `${workload} ${metric.name}`;
      const differences = new Array<undefined>(rounds).fill(undefined);
      const series = found.get(key) ?? { workload, metric, a: [], b: [], differences };
      found.set(key, series);
      series.a.push(metric.value);
      series.b.push(second.value);
      series.differences[round - 1] = worseBy(metric, second);
    }
  }
  return [...found.values()];
}

function rowOf({ workload, metric, a, b }: Series, test: RowTest, asked: number): AbRow {
  const threshold = asked * metric.tolerance;
  const isLarge = Math.abs(test.estimate) >= Math.log1p(threshold);
  const isFound = test.adjusted <= LEVEL && isLarge;
  const isBlind = test.detectable > Math.log1p(threshold);
  const ratios = [test.estimate, test.low, test.high].map((value) =>
    Math.exp(metric.isCost ? value : -value),
  );
  const [low, high] = ratios.slice(1).sort((x, y) => x - y);
  return {
    workload,
    what: metric.name,
    a: median(a),
    b: median(b),
    ratio: ratios[0]!,
    low: low!,
    high: high!,
    pairs: test.pairs,
    p: test.p,
    adjusted: test.adjusted,
    detectable: Math.expm1(test.detectable),
    threshold,
    verdict: isFound
      ? test.estimate > 0
        ? 'worse'
        : 'better'
      : isBlind
        ? 'too noisy'
        : 'no difference',
  };
}

type Fault = (measurement: { outcome?: BenchOutcome; failure?: string }) => string | undefined;

/** Each with the sides on which it occurred. */
const FAULTS: readonly Fault[] = [
  ({ failure }) => (failure === undefined ? undefined : `crashed: ${failure.split('\n')[0]}`),
  ({ outcome }) => ((outcome?.wrong ?? 0) > 0 ? 'read values that were never written' : undefined),
];
const UNREADABLE: readonly Fault[] = [
  ({ outcome }) => (outcome?.cutShort ? 'was cut short by the time limit' : undefined),
  ({ outcome }) =>
    Object.values(outcome?.latency ?? {}).some(({ exceeds }) => exceeds > 0)
      ? 'had latencies beyond what the histogram holds'
      : undefined,
];

function problemsOf({ measurements, plan, notCompared }: AbRun): AbProblem[] {
  // Workloads that only B has are new; for those that only A has, B can no longer be compared.
  const dropped = notCompared.filter(({ missingIn }) => missingIn === 'b');
  const problems: AbProblem[] = dropped.map(({ workload }) => ({
    workload,
    what: `is not there in ${plan.b.label}`,
    isRegression: false,
  }));
  const workloads = [...new Set(measurements.map(({ workload }) => workload))];
  for (const workload of workloads) {
    const of = (side: AbSide) =>
      measurements.filter((one) => one.side === side && one.workload === workload);
    for (const fault of [...FAULTS, ...UNREADABLE]) {
      const [a, b] = [of('a'), of('b')].map((all) => all.map(fault).find((one) => one));
      if (a === undefined && b === undefined) continue;
      const sides = a === undefined ? 'in B' : b === undefined ? 'in A' : 'in both';
      const isRegression = FAULTS.includes(fault) && a === undefined;
      problems.push({ workload, what: `${sides} ${b ?? a}`, isRegression });
    }
    const lost = figuresLost(of('a'), of('b'));
    if (lost.length > 0) {
      problems.push({ workload, what: `in B has no ${lost.join(', ')}`, isRegression: false });
    }
    const rounds = new Set(of('a').map(({ round }) => round));
    const paired = of('b').filter(({ round }) => rounds.has(round)).length;
    if (paired < plan.bench.repetitions && of('a').every(({ failure }) => failure === undefined)) {
      if (of('b').every(({ failure }) => failure === undefined)) {
        const what = `has ${paired} of ${plan.bench.repetitions} pairs`;
        problems.push({ workload, what, isRegression: false });
      }
    }
  }
  return problems;
}

/** Figures that A has and B never has: B can no longer be compared. */
function figuresLost(a: readonly AbMeasurement[], b: readonly AbMeasurement[]): string[] {
  const whole = (all: readonly AbMeasurement[]) =>
    all.flatMap(({ outcome }) => (outcome === undefined || outcome.cutShort ? [] : [outcome]));
  const [old, now] = [whole(a), whole(b)];
  const overflows = [...old, ...now].some(({ latency }) =>
    Object.values(latency).some(({ exceeds }) => exceeds > 0),
  );
  if (overflows || now.length === 0) return [];
  const names = (outcomes: readonly BenchOutcome[]) =>
    new Set(outcomes.flatMap((outcome) => metricsOf(outcome).map(({ name }) => name)));
  return [...names(old).difference(names(now))];
}

function exitOf(
  rows: readonly AbRow[],
  problems: readonly AbProblem[],
  wasMeasured: boolean,
): Pick<AbVerdict, 'exit' | 'reason'> {
  const worse = rows.filter(({ verdict }) => verdict === 'worse');
  const regressions = problems.filter(({ isRegression }) => isRegression);
  if (worse.length + regressions.length > 0) {
    const names = [...regressions, ...worse].map(({ workload, what }) => `${workload} ${what}`);
    return { exit: 1, reason: `B is worse: ${listed(names)}` };
  }
  if (!wasMeasured || rows.length === 0) return { exit: 2, reason: 'nothing could be compared' };
  if (problems.length > 0) {
    const names = problems.map(({ workload, what }) => `${workload} ${what}`);
    return { exit: 2, reason: `not everything was compared: ${listed(names)}` };
  }
  const blind = rows.filter(({ verdict }) => verdict === 'too noisy');
  if (blind.length > 0) {
    const most = blind.reduce((one, other) => (other.detectable > one.detectable ? other : one));
    const missed = `nothing was found, but ${blind.length} of ${rows.length} rows could have missed a difference of their threshold`;
    const seen =
      most.detectable === Infinity
        ? `${most.workload} ${most.what} has too few pairs to tell any difference from chance: more --pairs`
        : `${most.workload} ${most.what} is seen from ${percent(most.detectable)} on: more --pairs, a larger --threshold or a quieter machine`;
    return { exit: 2, reason: `${missed}; ${seen}` };
  }
  return { exit: 0, reason: `B is not worse in any of ${rows.length} rows` };
}

const listed = (names: readonly string[]) =>
  `${names.slice(0, 3).join('; ')}${names.length > 3 ? `; and ${names.length - 3} more` : ''}`;

export function percent(share: number): string {
  if (share === Infinity) return 'never';
  return `${(100 * share).toFixed(1)} %`;
}
