/** What changed between two saved benchmarks, row by row: rates and p99 latencies. */
import type { BenchOutcome, BenchRun } from '../harness/contract/bench-record.ts';
import { benchRows } from './bench-model.ts';
import { compareSamples } from './rank-test.ts';
import { median } from './statistics.ts';

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
