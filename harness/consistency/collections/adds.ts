/**
 * Adds: state of each set element, from all attempts to add it. An element may be retried after an
 * attempt was acknowledged, failed or stayed open, so no single attempt decides.
 */
import type { Operation } from '../../contract/history.ts';
import { keyOf, type ValueKey } from '../../contract/value.ts';

export interface Attempts {
  readonly element: unknown;
  /** Event index of the first acknowledgement; Infinity if none. */
  acknowledged: number;
  /** The invocation of that attempt. */
  acknowledgedBy: number;
  /** Event index of the first invocation that may have taken effect; Infinity if all failed. */
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
