/**
 * Saved benchmarks over time: each figure of each workload as a series of runs, and the runs at
 * which its level changed. Only runs with the settings, machine and Node of the newest are put
 * into one series; the others are named.
 */
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { type Metric, metricsOf } from './bench-metrics.ts';
import { settingsThatDiffer } from './bench-obstacles.ts';
import { type ChangePoint, changePoints, SEGMENT_MIN } from './change-points.ts';
import { median } from './statistics.ts';

export interface SeriesStep {
  /** The first run of the new level. */
  readonly run: number;
  /** New level over old level, less one. */
  readonly change: number;
  readonly isWorse: boolean;
  readonly p: number;
}

export interface HistoryRow {
  readonly workload: string;
  readonly store: string;
  readonly what: string;
  /** By run; `undefined` where it was not measured. */
  readonly values: readonly (number | undefined)[];
  readonly steps: readonly SeriesStep[];
}

export interface BenchHistory {
  readonly runs: readonly BenchRun[];
  readonly rows: readonly HistoryRow[];
  /** Runs that are in no series, and why. */
  readonly leftOut: readonly string[];
  readonly exit: 0 | 1 | 2;
  readonly reason: string;
}

export interface HistoryOptions {
  readonly threshold: number;
  /** How many of the newest runs a step for the worse must lie in to fail the command. */
  readonly recent: number;
  readonly seed: number;
  readonly force?: boolean;
}

/** Fewer points can't be split. */
const POINTS_MIN = 2 * SEGMENT_MIN;

export function benchHistory(all: readonly BenchRun[], options: HistoryOptions): BenchHistory {
  const sorted = all.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const newest = sorted.at(-1);
  const leftOut: string[] = [];
  const runs = sorted.filter((run) => {
    const differences = options.force === true ? [] : settingsThatDiffer(run, newest!);
    if (differences.length === 0) return true;
    leftOut.push(`${run.startedAt} (${run.commit}): ${differences.join('; ')}`);
    return false;
  });
  const series = seriesOf(runs);
  const rows = series.map((one) => rowOf(one, series.length, options));
  return { runs, rows, leftOut, ...conclude(runs, rows, options.recent) };
}

interface Series {
  readonly workload: string;
  readonly store: string;
  readonly metric: Metric;
  readonly values: (number | undefined)[];
}

function seriesOf(runs: readonly BenchRun[]): Series[] {
  const found = new Map<string, Series>();
  for (const [i, { outcomes }] of runs.entries()) {
    const samples = new Map<string, number[]>();
    for (const outcome of outcomes) {
      if (outcome.cutShort || outcome.wrong > 0) continue;
      const { workload, store } = outcome.job;
      for (const metric of metricsOf(outcome)) {
        const key = `${workload} ${store} ${metric.name}`;
        samples.set(key, [...(samples.get(key) ?? []), metric.value]);
        const values = new Array<undefined>(runs.length).fill(undefined);
        if (!found.has(key)) found.set(key, { workload, store, metric, values });
      }
    }
    for (const [key, values] of samples) found.get(key)!.values[i] = median(values);
  }
  return [...found.values()];
}

function rowOf(
  { workload, store, metric, values }: Series,
  series: number,
  { threshold, seed }: HistoryOptions,
): HistoryRow {
  const known = values.flatMap((value, run) => (value === undefined ? [] : [{ value, run }]));
  const logs = known.map(({ value }) => Math.log(Math.max(value, metric.floor)));
  const least = Math.log1p(threshold * metric.tolerance);
  const points = changePoints(logs, { threshold: least, series, seed });
  const steps = points.map(
    ({ at, by, p }: ChangePoint): SeriesStep => ({
      run: known[at]!.run,
      change: Math.expm1(by),
      isWorse: by > 0 === metric.isCost,
      p,
    }),
  );
  return { workload, store, what: metric.name, values, steps };
}

function conclude(
  runs: readonly BenchRun[],
  rows: readonly HistoryRow[],
  recent: number,
): Pick<BenchHistory, 'exit' | 'reason'> {
  const worse = rows.filter(({ steps }) =>
    steps.some(({ isWorse, run }) => isWorse && run >= runs.length - recent),
  );
  if (worse.length > 0) {
    const names = worse.slice(0, 3).map((row) => `${row.workload} on ${row.store}: ${row.what}`);
    const more = worse.length > 3 ? `; and ${worse.length - 3} more` : '';
    return { exit: 1, reason: `worse within the last ${recent} runs: ${names.join('; ')}${more}` };
  }
  const long = rows.filter(
    ({ values }) => values.filter((value) => value !== undefined).length >= POINTS_MIN,
  );
  if (long.length === 0) {
    return { exit: 2, reason: `no figure has ${POINTS_MIN} runs or more with the same settings` };
  }
  const short = rows.length - long.length;
  const besides = short === 0 ? '' : `; ${short} have fewer than ${POINTS_MIN} runs`;
  return {
    exit: 0,
    reason: `nothing became worse within the last ${recent} of ${runs.length} runs in ${long.length} figures${besides}`,
  };
}
