/** Outcome: the result of a plan, before it becomes a run record. */
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

/**
 * Told after each step: `done` of `total`, in the plan's own unit. Answers false once the cell is
 * near its time limit: the plan then ends and judges what it has.
 */
export type Progress = (done: number, total: number, unit: string) => boolean;

/** What a plan concludes that found nothing wrong: `valid` only when it came to its end. */
export function nothingWrong(
  done: number,
  total: number,
  unit: string,
  counts: Verdict['counts'],
): Verdict {
  if (done >= total) return { validity: 'valid', reasons: [], counts };
  const reasons = [`${RAN_OUT_OF_TIME} after ${done} of ${total} ${unit}`];
  return { validity: 'unknown', reasons, counts };
}

/** How the first reason of a cell begins that reached its time limit. */
export const RAN_OUT_OF_TIME = 'ran out of time';

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
