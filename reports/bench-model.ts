/** What a benchmark's report shows: one row a workload, the first store beside the best of the others. */
import type { BenchOutcome, BenchRun, Latency } from '../harness/contract/bench-record.ts';
import { compareSamples, median, ratioInterval } from './statistics.ts';

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

export interface Regression {
  readonly workload: string;
  readonly store: string;
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** Positive is better. */
  readonly change: number;
  readonly p: number;
  readonly effect: number;
  readonly verdict: 'improved' | 'regressed' | 'within noise' | 'too few runs';
}

const SIGNIFICANT_P = 0.05;
/** With fewer repetitions on either side no difference can be significant. */
const REPETITIONS_MIN = 4;

/**
 * What changed between two runs: rates, and p99 latencies. A change counts when it is both
 * significant (Mann–Whitney, p < 0.05) and larger than `threshold`.
 */
export function compareRuns(before: BenchRun, after: BenchRun, threshold: number): Regression[] {
  const found: Regression[] = [];
  for (const { workload, rows } of benchRows(after)) {
    for (const { store } of rows) {
      const of = (run: BenchRun) =>
        run.outcomes.filter(({ job }) => job.workload === workload && job.store === store);
      const [old, now] = [of(before), of(after)];
      if (old.length === 0) continue;
      const rate = (all: readonly BenchOutcome[]) => all.map((one) => one.perSecond);
      found.push(judge(workload, store, 'per second', rate(old), rate(now), 1, threshold));
      for (const kind of Object.keys(now[0]!.latency)) {
        const tail = (all: readonly BenchOutcome[]) =>
          all.flatMap(({ latency }) => (latency[kind] === undefined ? [] : [latency[kind].p99]));
        if (tail(old).length === 0) continue;
        found.push(judge(workload, store, `${kind}, p99 µs`, tail(old), tail(now), -1, threshold));
      }
    }
  }
  return found;
}

function judge(
  workload: string,
  store: string,
  what: string,
  before: readonly number[],
  after: readonly number[],
  sign: 1 | -1,
  threshold: number,
): Regression {
  const { change, p, effect } = compareSamples(before, after);
  const better = sign * change;
  const few = Math.min(before.length, after.length) < REPETITIONS_MIN;
  const counts = p < SIGNIFICANT_P && Math.abs(change) > threshold;
  const verdict = few
    ? 'too few runs'
    : !counts
      ? 'within noise'
      : better > 0
        ? 'improved'
        : 'regressed';
  const medians = { before: median(before), after: median(after) };
  return { workload, store, what, ...medians, change: better, p, effect, verdict };
}
