/**
 * Pooled latencies of all repetitions: their histograms are added, because percentiles of several runs
 * can neither be averaged nor picked by the best run. The histograms go into an HDR log, one line for
 * each run and kind of operation, readable by HdrHistogram's tools; `bench.json` keeps only
 * percentiles.
 */
import type { BenchOutcome, Latency } from '../contract/bench-record.ts';
import { Latencies } from './latencies.ts';

type Pooled = Record<string, Record<string, Latency>>;

/** By `workload/store`, then by kind of operation. */
export function poolLatencies(outcomes: readonly BenchOutcome[]): Pooled {
  const sums = new Map<string, Map<string, Latencies>>();
  for (const { job, latency } of outcomes) {
    const name = `${job.workload}/${job.store}`;
    const kinds = sums.get(name) ?? new Map<string, Latencies>();
    sums.set(name, kinds);
    for (const [kind, { hdr, exceeds }] of Object.entries(latency)) {
      if (hdr === undefined) continue; // an outcome of an older commit
      const sum = kinds.get(kind) ?? new Latencies();
      kinds.set(kind, sum);
      sum.addAll(Latencies.decode(hdr, exceeds));
    }
  }
  const pooled: Pooled = {};
  for (const [name, kinds] of sums) {
    if (kinds.size === 0) continue;
    pooled[name] = Object.fromEntries(
      [...kinds].map(([kind, sum]) => [kind, withoutHistogram(sum.summary)] as const),
    );
  }
  return pooled;
}

/**
 * The histograms of a run in HdrHistogram's log format; each line's tag names workload, store and
 * operation.
 */
export function hdrLog(outcomes: readonly BenchOutcome[], startedAt: string): string {
  const began = Date.parse(startedAt) / 1000;
  const lines = [
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${began.toFixed(3)} (seconds since epoch), ${startedAt}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ];
  for (const { job, repetition, usage, latency } of outcomes) {
    for (const [kind, { hdr, max }] of Object.entries(latency)) {
      if (hdr === undefined) continue;
      const tag = `${job.workload}/${job.store}/${kind}/${repetition}`.replace(/[\s,]+/g, '-');
      const seconds = usage.wallSeconds.toFixed(3);
      lines.push(`Tag=${tag},0.000,${seconds},${(max / 1000).toFixed(3)},${hdr}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The outcome without its histograms, for `bench.json`. */
export function withoutHistograms(outcome: BenchOutcome): BenchOutcome {
  const latency = Object.fromEntries(
    Object.entries(outcome.latency).map(([kind, one]) => [kind, withoutHistogram(one)] as const),
  );
  return { ...outcome, latency };
}

function withoutHistogram({ hdr: _, ...latency }: Latency): Latency {
  return latency;
}
