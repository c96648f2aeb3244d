/**
 * Thresholds of a benchmark, as k6 writes them: `p(99)<5ms`, `rate>100k`, by workload.
 *
 *     rules := rule (";" rule)*
 *     rule  := [place ":"] test ("," test)*        place: workload[/store[/operation]], else every workload
 *     test  := metric ("<" | "<=" | ">" | ">=") number[unit]
 *
 * Metrics: p(50), p(90), p(95), p(99), p(99.9), med, avg, max (latencies: ns, us, ms, s; ms if left out);
 * rate (a second; k, M); memory, disk (MiB); settle, recovery (s). A place without a store means the first
 * store of the run. Latencies are of all repetitions, the rest is the median of the repetitions.
 *
 * A rule that finds nothing to judge is unknown, never kept.
 */
import type { BenchRun, Latency } from '../harness/contract/bench-record.ts';
import { benchRows, type StoreRow } from './bench-model.ts';

type Comparison = '<' | '<=' | '>' | '>=';

export interface Threshold {
  /** As it was written. */
  readonly text: string;
  readonly workload?: string;
  readonly store?: string;
  readonly operation?: string;
  readonly metric: string;
  readonly comparison: Comparison;
  /** Microseconds for latencies, else in the metric's own unit. */
  readonly limit: number;
}

export interface JudgedThreshold {
  readonly threshold: Threshold;
  /** What it was judged on, as `workload on store`. */
  readonly place: string;
  readonly status: 'kept' | 'crossed' | 'unknown';
  readonly value?: number;
}

const LATENCIES: Readonly<Record<string, (at: Latency) => number>> = {
  'p(50)': ({ p50 }) => p50,
  med: ({ p50 }) => p50,
  'p(90)': ({ p90 }) => p90,
  'p(95)': ({ p95 }) => p95,
  'p(99)': ({ p99 }) => p99,
  'p(99.9)': ({ p999 }) => p999,
  avg: ({ mean }) => mean,
  max: ({ max }) => max,
};
const FIGURES: Readonly<Record<string, (row: StoreRow) => number | undefined>> = {
  rate: ({ perSecond }) => perSecond,
  memory: ({ rssMaxMiB }) => rssMaxMiB,
  disk: ({ diskMiB }) => diskMiB,
  settle: ({ figures }) => figures.settleSeconds,
  recovery: ({ figures }) => figures.firstReadSeconds,
};
const MICROSECONDS: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  '': 1e3,
};
const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, s: 1, MiB: 1 };
const TEST = /^([a-z]+(?:\([\d.]+\))?)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)$/i;

/** Throws RangeError, with what is wrong. */
export function parseThresholds(words: string): Threshold[] {
  const rules = words.split(';').map((rule) => rule.trim());
  return rules.filter((rule) => rule !== '').flatMap(parseRule);
}

function parseRule(rule: string): Threshold[] {
  const colon = rule.indexOf(':');
  const place = colon < 0 ? '' : rule.slice(0, colon).trim();
  const [workload, store, operation] = place === '' ? [] : place.split('/');
  return rule
    .slice(colon + 1)
    .split(',')
    .map((test) => ({
      ...parseTest(test.trim()),
      ...(workload === undefined ? {} : { workload }),
      ...(store === undefined ? {} : { store }),
      ...(operation === undefined ? {} : { operation }),
    }));
}

function parseTest(text: string): Threshold {
  const [, metric = '', comparison, digits, unit = ''] = TEST.exec(text) ?? [];
  const isLatency = Object.hasOwn(LATENCIES, metric);
  if (!isLatency && !Object.hasOwn(FIGURES, metric)) {
    const known = [...Object.keys(LATENCIES), ...Object.keys(FIGURES)].join(', ');
    throw new RangeError(`"${text}" is no threshold like p(99)<5ms; metrics are ${known}`);
  }
  const units = isLatency ? MICROSECONDS : MULTIPLES;
  if (!Object.hasOwn(units, unit)) {
    throw new RangeError(`"${text}": ${metric} has no unit ${unit}`);
  }
  const limit = Number(digits) * units[unit]!;
  return { text, metric, comparison: comparison as Comparison, limit };
}

export function judgeThresholds(
  run: BenchRun,
  thresholds: readonly Threshold[],
): JudgedThreshold[] {
  const all = benchRows(run);
  return thresholds.flatMap((threshold) => {
    const store = threshold.store ?? run.plan.stores[0]!;
    const wanted = threshold.workload === undefined ? run.plan.workloads : [threshold.workload];
    const found = wanted.flatMap((workload): JudgedThreshold[] => {
      const place = `${workload} on ${store}`;
      const row = all
        .find((one) => one.workload === workload)
        ?.rows.find((one) => one.store === store);
      if (row === undefined) return [{ threshold, place, status: 'unknown' }];
      return valuesOf(row, threshold).map((value) => judged(threshold, place, value));
    });
    // For every workload, those that have no such figure are left out, but not all of them.
    const known = found.filter(({ value }) => value !== undefined);
    if (threshold.workload !== undefined || known.length === 0) {
      return found.length > 0 ? found : [{ threshold, place: store, status: 'unknown' as const }];
    }
    return found.filter(({ value, place }) => value !== undefined || isMissing(run, place));
  });
}

/** Whether a workload of the plan was not measured, as against one that has no such figure. */
function isMissing({ outcomes }: BenchRun, place: string): boolean {
  return !outcomes.some(({ job }) => `${job.workload} on ${job.store}` === place);
}

/** One value for each kind of operation; `undefined` where it can't be told. */
function valuesOf(row: StoreRow, { metric, operation }: Threshold): (number | undefined)[] {
  const figure = FIGURES[metric];
  if (row.cutShort) return [undefined];
  if (figure !== undefined) return [figure(row)];
  const kinds = Object.entries(row.latency).filter(
    ([kind]) => operation === undefined || kind === operation,
  );
  if (kinds.length === 0) return [undefined];
  return kinds.map(([, at]) => (at.exceeds > 0 ? undefined : LATENCIES[metric]!(at)));
}

function judged(threshold: Threshold, place: string, value: number | undefined): JudgedThreshold {
  if (value === undefined || !Number.isFinite(value))
    return { threshold, place, status: 'unknown' };
  const { comparison, limit } = threshold;
  const isKept = {
    '<': value < limit,
    '<=': value <= limit,
    '>': value > limit,
    '>=': value >= limit,
  }[comparison];
  return { threshold, place, status: isKept ? 'kept' : 'crossed', value };
}

/** Exit codes: 3 a threshold is crossed, 2 one could not be judged, 0 all are kept. */
export function thresholdsExit(all: readonly JudgedThreshold[]): 0 | 2 | 3 {
  if (all.some(({ status }) => status === 'unknown')) return 2;
  return all.some(({ status }) => status === 'crossed') ? 3 : 0;
}

export function thresholdText({ threshold, place, status, value }: JudgedThreshold): string {
  const isLatency = Object.hasOwn(LATENCIES, threshold.metric);
  const said = isLatency ? `${value?.toPrecision(4)} µs` : value?.toPrecision(4);
  return `threshold ${status}: ${place}: ${threshold.text}${value === undefined ? '' : `, it is ${said}`}`;
}
