/** Zones: when chains of operations hold a register, and which of them can't both; see unique-writes.ts. */
import type { Operation } from '../../contract/history.ts';

export interface Violation {
  /** Operations that can't all be right. */
  readonly operations: readonly Operation[];
  readonly why: string;
}

/** Why operations can't all be right. */
export const UNWRITTEN = 'nobody wrote the value that it saw';
export const TOO_EARLY =
  'the first comes after the second by its value, and was over before that began';
export const TOGETHER = 'both values must have been there at the same time';
export const WITHIN = 'the other value must have been there all that time';

/** Operations in steps: all of a step come before all of the next; within one any order will do. */
export type Chain = readonly (readonly Operation[])[];

interface Zone {
  /** The first completion, and the last invocation. */
  readonly from: number;
  readonly to: number;
  readonly first: Operation;
  readonly last: Operation;
}

/** What can't be put in order: within a chain, or of two chains. */
export function misplaced(chains: Iterable<Chain>): Violation | undefined {
  const zones: Zone[] = [];
  for (const chain of chains) {
    const found = early(chain);
    if (found !== undefined) return found;
    zones.push(zoneOf(chain));
  }
  return overlap(zones);
}

/** An operation that was over before one began that comes earlier in the chain. */
function early(chain: Chain): Violation | undefined {
  let soonest: Operation | undefined;
  for (let step = chain.length - 1; step >= 0; step--) {
    for (const one of chain[step]!) {
      if (soonest === undefined || soonest.completedIndex >= one.invokedIndex) continue;
      return { operations: [soonest, one], why: TOO_EARLY };
    }
    for (const one of chain[step]!) {
      if (soonest === undefined || one.completedIndex < soonest.completedIndex) soonest = one;
    }
  }
  return undefined;
}

function zoneOf(chain: Chain): Zone {
  let first = chain[0]![0]!;
  let last = first;
  for (const step of chain) {
    for (const one of step) {
      if (one.completedIndex < first.completedIndex) first = one;
      if (one.invokedIndex > last.invokedIndex) last = one;
    }
  }
  return { from: first.completedIndex, to: last.invokedIndex, first, last };
}

function overlap(zones: readonly Zone[]): Violation | undefined {
  const forward = zones.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
  for (let i = 1; i < forward.length; i++) {
    const [zone, next] = [forward[i - 1]!, forward[i]!];
    if (next.from < zone.to) {
      return violation(zone, next, TOGETHER);
    }
  }
  // Forward zones do not overlap now: the one that may hold another begins last before it.
  for (const zone of zones) {
    if (zone.from < zone.to) continue;
    const around = lastBefore(forward, zone.to);
    if (around !== undefined && around.to > zone.from) {
      return violation(around, zone, WITHIN);
    }
  }
  return undefined;
}

function lastBefore(forward: readonly Zone[], instant: number): Zone | undefined {
  let low = 0;
  let high = forward.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (forward[middle]!.from < instant) low = middle + 1;
    else high = middle;
  }
  return forward[low - 1];
}

function violation(a: Zone, b: Zone, why: string): Violation {
  const all = new Set(
    [a.first, a.last, b.first, b.last].filter(({ invokedIndex }) => Number.isFinite(invokedIndex)),
  );
  return { operations: [...all], why };
}
