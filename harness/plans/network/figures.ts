/** Figures of a network run: throughput and latency, with and without faults. */

import { percentilesOf } from '../../cells/outcome.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import type { FaultWindow, Percentiles, Timeline } from '../../contract/run-record.ts';

interface Completed {
  readonly type: 'ok' | 'fail' | 'info';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface NetworkFigures {
  readonly figures: Readonly<Record<string, number>>;
  readonly latency: { readonly quiet?: Percentiles; readonly faults?: Percentiles };
  readonly timeline: Timeline;
}

/** Approximate number of steps; each is at least 100 ms. */
const STEPS = 150;
const STEP_MIN_MS = 100;

export function networkFigures(
  events: readonly HistoryEvent[],
  faults: readonly FaultWindow[],
): NetworkFigures {
  const completed = completions(events);
  const endMs = events.at(-1)?.timeMs ?? 0;
  const isFaulty = ({ fromMs, toMs }: Completed) =>
    faults.some((window) => fromMs < window.toMs && toMs > window.fromMs);
  const good = completed.filter(({ type }) => type === 'ok');
  const took = (those: readonly Completed[]) =>
    percentilesOf(those.map(({ fromMs, toMs }) => toMs - fromMs));
  const quiet = took(good.filter((one) => !isFaulty(one)));
  const faulty = took(good.filter(isFaulty));
  const faultMs = faults.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const count = (type: string) => completed.filter((one) => one.type === type).length;
  const perSecond = (operations: number, ms: number) => (ms > 0 ? (1000 * operations) / ms : 0);
  return {
    figures: {
      acknowledged: count('ok'),
      failed: count('fail'),
      indefinite: count('info'),
      faults: faults.length,
      operationsPerSecondQuiet: perSecond(quiet?.count ?? 0, endMs - faultMs),
      operationsPerSecondInFaults: perSecond(faulty?.count ?? 0, faultMs),
    },
    latency: { ...(quiet && { quiet }), ...(faulty && { faults: faulty }) },
    timeline: timelineOf(completed, faults, endMs),
  };
}

function completions(events: readonly HistoryEvent[]): Completed[] {
  const open = new Map<number, number>();
  const completed: Completed[] = [];
  for (const { type, process, timeMs } of events) {
    const fromMs = open.get(process);
    if (type === 'invoke') open.set(process, timeMs);
    else if (fromMs !== undefined) {
      open.delete(process);
      completed.push({ type, fromMs, toMs: timeMs });
    }
  }
  return completed;
}

function timelineOf(
  completed: readonly Completed[],
  faults: readonly FaultWindow[],
  endMs: number,
): Timeline {
  const stepMs = Math.max(STEP_MIN_MS, Math.ceil(endMs / STEPS));
  const steps = Math.floor(endMs / stepMs) + 1;
  const samples = Array.from({ length: steps }, (): number[] => []);
  const counts = { ok: zeros(steps), fail: zeros(steps), info: zeros(steps) };
  for (const { type, fromMs, toMs } of completed) {
    const step = Math.min(steps - 1, Math.floor(toMs / stepMs));
    counts[type][step]!++;
    if (type === 'ok') samples[step]!.push(toMs - fromMs);
  }
  const percentiles = samples.map(percentilesOf);
  const at = (name: 'p50' | 'p95' | 'p99') => percentiles.map((one) => rounded(one?.[name]));
  return {
    stepMs,
    ok: counts.ok,
    failed: counts.fail,
    indefinite: counts.info,
    p50: at('p50'),
    p95: at('p95'),
    p99: at('p99'),
    faults,
  };
}

const zeros = (length: number) => new Array<number>(length).fill(0);

const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms * 100) / 100);
