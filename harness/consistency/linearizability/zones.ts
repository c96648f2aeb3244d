/**
 * Forward and backward zones (Gibbons and Korach 1997): the interval in which a value must be the register's
 * content. Reports operations of a chain in an impossible order, and two zones that overlap; see unique-writes.ts.
 */
import type { Operation } from '../../contract/history.ts';

export interface Violation {
  /** The operations that contradict each other. */
  readonly operations: readonly Operation[];
  readonly why: string;
}

/** The contradiction, in words. */
export const UNWRITTEN = 'no operation wrote the value that it read';
export const TOO_EARLY =
  'by its value the first follows the second, but it completed before the second was invoked';
export const TOGETHER = 'both values must have been the content at the same time';
export const WITHIN = 'the other value must have been the content throughout';

/** Operations in steps: a step precedes the next; operations within a step are in any order. */
export type Chain = readonly (readonly Operation[])[];

interface Zone {
  /** The first completion, and the last invocation. */
  readonly from: number;
  readonly to: number;
  readonly first: Operation;
  readonly last: Operation;
}

/** Finds a chain in an impossible order, or two chains whose zones contradict each other. */
export function findContradiction(chains: Iterable<Chain>): Violation | undefined {
  const zones: Zone[] = [];
  for (const chain of chains) {
    const found = outOfOrder(chain);
    if (found !== undefined) return found;
    zones.push(zoneOf(chain));
  }
  return overlap(zones);
}

/** Finds an operation that completed before its predecessor in the value chain was invoked. */
function outOfOrder(chain: Chain): Violation | undefined {
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
  // Forward zones are disjoint here, so only the last one that begins before it can contain a zone.
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
