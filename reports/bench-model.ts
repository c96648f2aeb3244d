/** What a benchmark's report shows: one row a workload, the first store beside the best of the others. */

import type { BenchOutcome, BenchRun, Latency } from '../harness/contract/bench-record.ts';
import { pairedRatio, type RatioInterval } from './bootstrap.ts';
import { median } from './statistics.ts';

export interface StoreRow {
  readonly store: string;
  /** Fewer than planned where loading was cut short. */
  readonly records: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly latency: Readonly<Record<string, Latency>>;
  readonly rssMaxMiB: number;
  readonly diskMiB: number;
  readonly cutShort: boolean;
  readonly wrong: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly curve: readonly number[];
  readonly tuning: string;
  /** Repetitions beside other work, or of which the hypervisor took time. */
  readonly contaminated: number;
  readonly repetitions: number;
}

export interface WorkloadRows {
  readonly workload: string;
  readonly unit: string;
  readonly rows: readonly StoreRow[];
  /** The first store against the fastest other, where there is one. */
  readonly best?: RatioInterval & {
    readonly peer: string;
    /** The same per second of processor time, against the best peer by that measure. */
    readonly cpuRatio: number;
  };
}

/** What is behind the name of a workload in the row that counts the time until the store is settled. */
const SETTLED = ', until settled';

export function benchRows({ plan, outcomes: measured, pooled = {} }: BenchRun): WorkloadRows[] {
  const outcomes = measured.flatMap((one) =>
    one.figures.settleSeconds === undefined ? [one] : [one, untilSettled(one)],
  );
  const workloads = [...new Set(outcomes.map(({ job }) => job.workload))];
  return workloads.map((workload) => {
    const of = (store: string) =>
      outcomes.filter(({ job }) => job.workload === workload && job.store === store);
    const stores = plan.stores.filter((store) => of(store).length > 0);
    const rows = stores.map((store) => storeRow(store, of(store), pooled[`${workload}/${store}`]));
    const unit = outcomes.find(({ job }) => job.workload === workload)!.unit;
    const [own, ...others] = stores;
    if (own !== plan.stores[0] || others.length === 0) return { workload, unit, rows };
    const ratios = others.flatMap((peer) => {
      const ratio = ratioOf(of(own!), of(peer));
      return ratio === undefined ? [] : [{ peer, ...ratio }];
    });
    if (ratios.length === 0) return { workload, unit, rows };
    const best = ratios.reduce((least, one) => (one.ratio < least.ratio ? one : least));
    const cpuRatio = Math.min(...ratios.map((one) => one.cpuRatio));
    return { workload, unit, rows, best: { ...best, cpuRatio } };
  });
}

/** The same load, with what was still to be merged when its last record was durable. */
function untilSettled(one: BenchOutcome): BenchOutcome {
  const { settleSeconds = 0, settleCpuSeconds = Number.NaN } = one.figures;
  return {
    ...one,
    job: { ...one.job, workload: `${one.job.workload}${SETTLED}` },
    perSecond: one.count / (one.usage.wallSeconds + settleSeconds),
    perCpuSecond: one.count / (one.usage.cpuSeconds + settleCpuSeconds),
    latency: {},
    figures: {},
    curve: [],
  };
}

function storeRow(
  store: string,
  outcomes: readonly BenchOutcome[],
  pooled: Readonly<Record<string, Latency>> | undefined,
): StoreRow {
  const typical = typicalOf(outcomes);
  return {
    store,
    records: typical.job.records,
    perSecond: median(outcomes.map((one) => one.perSecond)),
    perCpuSecond: median(outcomes.map((one) => one.perCpuSecond)),
    latency: withSlices(pooled, typical.latency),
    rssMaxMiB: Math.max(...outcomes.map(({ usage }) => usage.rssMaxMiB)),
    diskMiB: typical.diskMiB,
    cutShort: outcomes.some((one) => one.cutShort),
    wrong: outcomes.reduce((sum, one) => sum + one.wrong, 0),
    figures: typical.figures,
    curve: typical.curve,
    tuning: typical.tuning,
    contaminated: outcomes.filter(({ usage }) => usage.contaminated === true).length,
    repetitions: outcomes.length,
  };
}

/** Percentiles of all repetitions, and over time those of the typical one: slices can't be added up. */
function withSlices(
  pooled: Readonly<Record<string, Latency>> | undefined,
  typical: Readonly<Record<string, Latency>>,
): Readonly<Record<string, Latency>> {
  if (pooled === undefined) return typical;
  const entries = Object.entries(pooled).map(([kind, at]) => {
    const { overTime } = typical[kind] ?? {};
    return [kind, overTime === undefined ? at : { ...at, overTime }] as const;
  });
  return Object.fromEntries(entries);
}

/** The outcome whose rate is the median, or the slower of the two next to it: for what has no median. */
function typicalOf(outcomes: readonly BenchOutcome[]): BenchOutcome {
  const sorted = [...outcomes].sort((a, b) => a.perSecond - b.perSecond);
  return sorted[(sorted.length - 1) >> 1]!;
}

/** A peer that ran out of time is compared over the records it got to. */
function ratioOf(own: readonly BenchOutcome[], peer: readonly BenchOutcome[]) {
  const counts = peer.filter((one) => one.cutShort).map(({ count }) => count);
  const count = counts.length === 0 ? undefined : Math.min(...counts);
  const rate = (one: BenchOutcome) => (count === undefined ? one.perSecond : rateOver(one, count));
  const pairs = own.flatMap((one) => {
    const other = peer.find(({ repetition }) => repetition === one.repetition);
    return other === undefined ? [] : [[one, other] as const];
  });
  if (pairs.length === 0) return undefined;
  const wall = pairedRatio(
    pairs.map(([one]) => rate(one)),
    pairs.map(([, other]) => rate(other)),
  );
  const cpu = pairs.map(([one, other]) => one.perCpuSecond / other.perCpuSecond);
  return { ...wall, cpuRatio: median(cpu) };
}

/** The rate over the first `count`, by the curve. */
function rateOver({ curve, count: all, perSecond, cutShort }: BenchOutcome, count: number): number {
  if (cutShort || curve.length === 0 || count >= all) return perSecond;
  const piece = all / curve.length;
  let seconds = 0;
  let left = count;
  for (const rate of curve) {
    const taken = Math.min(piece, left);
    seconds += taken / rate;
    left -= taken;
    if (left <= 0) break;
  }
  return count / seconds;
}
