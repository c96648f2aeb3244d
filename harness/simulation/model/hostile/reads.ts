/** The reads of a serializable transaction, to predict whether its commit conflicts. */
import type { DirectRange } from '../../sim/direct-store.ts';

/** A range as far as it was shown. */
export interface ShownRange {
  readonly query: DirectRange;
  last: string | undefined;
  isWhole: boolean;
}

export class Reads {
  readonly keys = new Set<string>();
  readonly ranges: ShownRange[] = [];

  covers(key: string): boolean {
    return this.keys.has(key) || this.ranges.some((range) => isShown(range, key));
  }
}

function isShown({ query, last, isWhole }: ShownRange, key: string): boolean {
  const { from, to, prefix = '', reverse = false } = query;
  const isInside =
    key.startsWith(prefix) && (from === undefined || key >= from) && (to === undefined || key < to);
  if (!isInside) return false;
  if (isWhole) return true;
  if (last === undefined) return false;
  return reverse ? key >= last : key <= last;
}
