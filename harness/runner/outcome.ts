/** Outcome: what running a plan yields, before it becomes a run record. */
import type { HistoryEvent } from '../contract/history.ts';
import type { Percentiles, RunRecord } from '../contract/run-record.ts';
import type { Verdict } from '../contract/verdict.ts';

export interface Outcome {
  readonly verdict: Verdict;
  readonly figures: Readonly<Record<string, number>>;
  readonly recovery?: Percentiles;
  readonly latency?: RunRecord['latency'];
  readonly timeline?: RunRecord['timeline'];
  readonly historyHash?: string;
  /** The history to keep with a failure. */
  readonly events?: readonly HistoryEvent[];
  readonly notVerified: readonly string[];
}

/** Told now and then: `done` of `total`, in the plan's own unit. */
export type Progress = (done: number, total: number, unit: string) => void;

export function percentilesOf(samples: readonly number[]): Percentiles | undefined {
  if (samples.length === 0) return undefined;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return {
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: sorted.at(-1)!,
    count: sorted.length,
  };
}
