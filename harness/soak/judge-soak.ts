/** Judges a soak so far: its verdict and its figures. */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SoakSample, SoakState } from '../contract/soak-record.ts';
import type { Verdict } from '../contract/verdict.ts';
import { findLeaks } from './leaks.ts';

/** `seconds`: requested duration of the load. */
export function judgeSoak(
  state: SoakState,
  samples: readonly SoakSample[],
  seconds: number,
): Pick<Outcome, 'verdict' | 'figures' | 'notVerified'> {
  const { leaks, untold } = findLeaks(samples);
  const wrong = state.wrong === undefined ? [] : [state.wrong];
  const reasons = [...wrong, ...leaks.map(({ text }) => `leak: ${text}`)];
  const counts = { operations: state.operations };
  const done = Math.min(seconds, Math.round(state.ms / 1000));
  const verdict: Verdict =
    reasons.length > 0
      ? { validity: 'invalid', reasons, counts }
      : nothingWrong(done, seconds, 'seconds', counts);
  return { verdict, figures: figuresOf(state, samples), notVerified: notVerified(untold) };
}

/** 100 if there was no downtime. */
export function availabilityPercent({ ms, downMs }: SoakState): number {
  return ms === 0 ? 0 : 100 * (1 - downMs / ms);
}

function figuresOf(state: SoakState, samples: readonly SoakSample[]): Record<string, number> {
  const most = (of: (sample: SoakSample) => number) =>
    samples.reduce((worst, sample) => Math.max(worst, of(sample)), 0);
  const sorted = samples.map(({ p99 }) => p99).sort((a, b) => a - b);
  return {
    hours: state.ms / 3_600_000,
    lives: state.lives,
    'processes killed': state.kills,
    acknowledged: state.operations,
    errors: state.errors,
    availabilityPercent: availabilityPercent(state),
    longestDownMs: state.longestDownMs,
    'median p99 ms': sorted[Math.floor(sorted.length / 2)] ?? 0,
    'longest operation ms': most(({ max }) => max),
    'peak resident bytes': most(({ rssBytes = 0 }) => rssBytes),
    'peak handles': most(({ handles = 0 }) => handles),
    'peak disk bytes': most(({ diskBytes }) => diskBytes),
  };
}

function notVerified(untold: readonly string[]): string[] {
  const cuts = 'power loss: a killed process leaves the page cache to the kernel';
  if (untold.length === 0) return [cuts];
  return [
    cuts,
    `leaks of ${untold.join(', ')}: too few samples of one life, or the system does not tell`,
  ];
}
