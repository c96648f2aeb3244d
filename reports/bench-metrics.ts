/**
 * The figures of one outcome that are compared between commits and over time: rate, rate by
 * processor time, p50, p95, p99, p99.9, memory, disk, settling and recovery. The rate by processor
 * time is there because it varies least where other processes take turns on the same cores. Each says which direction is worse, how small a value
 * is beyond what the clock or the system can tell, and how much of a threshold it has: tails vary
 * more from run to run than medians do.
 */
import type { BenchOutcome, Latency } from '../harness/contract/bench-record.ts';

export interface Metric {
  readonly name: string;
  readonly value: number;
  /** Whether a larger value is worse. */
  readonly isCost: boolean;
  /** Smaller values count as this. */
  readonly floor: number;
  /** Its threshold, as a multiple of the one that was asked for. */
  readonly tolerance: number;
}

/** A percentile needs a value beyond it. */
const PERCENTILES: readonly {
  readonly field: 'p50' | 'p95' | 'p99' | 'p999';
  readonly name: string;
  readonly least: number;
  readonly tolerance: number;
}[] = [
  { field: 'p50', name: 'p50 µs', least: 1, tolerance: 1 },
  { field: 'p95', name: 'p95 µs', least: 20, tolerance: 2 },
  { field: 'p99', name: 'p99 µs', least: 100, tolerance: 2 },
  { field: 'p999', name: 'p99.9 µs', least: 1000, tolerance: 4 },
];

export function metricsOf(outcome: BenchOutcome): Metric[] {
  const { usage, figures, diskMiB, latency } = outcome;
  const metrics: Metric[] = [];
  const { settleSeconds, firstReadSeconds } = figures;
  if (firstReadSeconds === undefined) metrics.push(...ratesOf(outcome));
  else metrics.push(cost('recovery s', firstReadSeconds, 0.005, 2));
  for (const [kind, at] of Object.entries(latency)) metrics.push(...percentiles(kind, at));
  metrics.push(cost('memory MiB', usage.rssMaxMiB, 1), cost('disk MiB', diskMiB, 0.1));
  if (settleSeconds !== undefined) metrics.push(cost('settle s', settleSeconds, 0.05, 2));
  // JSON keeps no infinite numbers: a rate over no time is null in a saved run.
  return metrics.filter(({ value }) => Number.isFinite(value));
}

function ratesOf({ perSecond, perCpuSecond, unit }: BenchOutcome): Metric[] {
  const rate = (name: string, value: number): Metric => {
    return { name, value, isCost: false, floor: 1e-6, tolerance: 1 };
  };
  return [rate(`${unit}/s`, perSecond), rate(`${unit}/CPU s`, perCpuSecond)];
}

/** A histogram with values beyond its end has no percentiles to compare. */
function percentiles(kind: string, at: Latency): Metric[] {
  if (at.exceeds > 0) return [];
  return PERCENTILES.filter(({ least }) => at.count >= least).map(({ field, name, tolerance }) =>
    cost(`${kind} ${name}`, at[field], 0.05, tolerance),
  );
}

function cost(name: string, value: number, floor: number, tolerance = 1): Metric {
  return { name, value, isCost: true, floor, tolerance };
}

/** The logarithm of how much worse the second is: above 0 when it is. */
export function worseBy(first: Metric, second: Metric): number {
  const ratio = Math.max(second.value, second.floor) / Math.max(first.value, first.floor);
  return first.isCost ? Math.log(ratio) : -Math.log(ratio);
}
