/**
 * Adds: what is known of each element of a set from all attempts to add it. An element may be tried
 * again after its add was acknowledged, failed or was left open; no attempt decides alone.
 */
import type { Operation } from '../../contract/history.ts';
import { keyOf, type ValueKey } from '../../contract/value.ts';

export interface Attempts {
  readonly element: unknown;
  /** When the first attempt was acknowledged; Infinity when none was. */
  acknowledged: number;
  /** The invocation of that attempt. */
  acknowledgedBy: number;
  /** When the first attempt that may have worked was invoked; Infinity when all failed. */
  tried: number;
}

export function attemptsByElement(operations: readonly Operation[]): Map<ValueKey, Attempts> {
  const found = new Map<ValueKey, Attempts>();
  for (const { f, type, input, invokedIndex, completedIndex } of operations) {
    if (f !== 'add') continue;
    const key = keyOf(input);
    let attempts = found.get(key);
    if (attempts === undefined) {
      const never = Number.POSITIVE_INFINITY;
      attempts = { element: input, acknowledged: never, acknowledgedBy: never, tried: never };
      found.set(key, attempts);
    }
    if (type !== 'fail') attempts.tried = Math.min(attempts.tried, invokedIndex);
    if (type !== 'ok' || completedIndex >= attempts.acknowledged) continue;
    attempts.acknowledged = completedIndex;
    attempts.acknowledgedBy = invokedIndex;
  }
  return found;
}
