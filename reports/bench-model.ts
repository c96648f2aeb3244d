/** What a benchmark's report shows: one row a workload, the first store beside the best of the others. */
import type { BenchOutcome, BenchRun, Latency } from '../harness/contract/bench-record.ts';
import { median, ratioInterval } from './statistics.ts';

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
}

export interface WorkloadRows {
  readonly workload: string;
  readonly unit: string;
  readonly rows: readonly StoreRow[];
  /** The first store against the fastest other, where there is one. */
  readonly best?: {
    readonly peer: string;
    readonly ratio: number;
    readonly low: number;
    readonly high: number;
    /** The same per second of processor time, against the best peer by that measure. */
    readonly cpuRatio: number;
  };
}

export function benchRows({ plan, outcomes }: BenchRun): WorkloadRows[] {
  const workloads = [...new Set(outcomes.map(({ job }) => job.workload))];
  return workloads.map((workload) => {
    const of = (store: string) =>
      outcomes.filter(({ job }) => job.workload === workload && job.store === store);
    const stores = plan.stores.filter((store) => of(store).length > 0);
    const rows = stores.map((store) => storeRow(store, of(store)));
    const unit = outcomes.find(({ job }) => job.workload === workload)!.unit;
    const [own, ...others] = stores;
    if (own !== plan.stores[0] || others.length === 0) return { workload, unit, rows };
    const ratios = others.map((peer) => ({ peer, ...ratioOf(of(own!), of(peer)) }));
    const best = ratios.reduce((least, one) => (one.ratio < least.ratio ? one : least));
    const cpuRatio = Math.min(...ratios.map((one) => one.cpuRatio));
    return { workload, unit, rows, best: { ...best, cpuRatio } };
  });
}

function storeRow(store: string, outcomes: readonly BenchOutcome[]): StoreRow {
  const typical = typicalOf(outcomes);
  return {
    store,
    records: typical.job.records,
    perSecond: median(outcomes.map((one) => one.perSecond)),
    perCpuSecond: median(outcomes.map((one) => one.perCpuSecond)),
    latency: typical.latency,
    rssMaxMiB: Math.max(...outcomes.map(({ usage }) => usage.rssMaxMiB)),
    diskMiB: typical.diskMiB,
    cutShort: outcomes.some((one) => one.cutShort),
    wrong: outcomes.reduce((sum, one) => sum + one.wrong, 0),
    figures: typical.figures,
    curve: typical.curve,
    tuning: typical.tuning,
  };
}

/** The outcome whose rate is the median, or next to it. */
function typicalOf(outcomes: readonly BenchOutcome[]): BenchOutcome {
  const sorted = [...outcomes].sort((a, b) => a.perSecond - b.perSecond);
  return sorted[sorted.length >> 1]!;
}

/** A peer that ran out of time is compared over the records it got to. */
function ratioOf(own: readonly BenchOutcome[], peer: readonly BenchOutcome[]) {
  const counts = peer.filter((one) => one.cutShort).map(({ count }) => count);
  const count = counts.length === 0 ? undefined : Math.min(...counts);
  const rate = (one: BenchOutcome) => (count === undefined ? one.perSecond : rateOver(one, count));
  const wall = ratioInterval(own.map(rate), peer.map(rate));
  const cpu = ratioInterval(
    own.map((one) => one.perCpuSecond),
    peer.map((one) => one.perCpuSecond),
  );
  return { ...wall, cpuRatio: cpu.ratio };
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
