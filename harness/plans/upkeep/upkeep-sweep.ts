/**
 * A sweep: keys that were never written are deleted in batches, in ascending order, as a program does that
 * expires what may be there. Segments hold nothing but tombstones that hide nothing, in ranges of keys that
 * do not overlap and never come again.
 */
import type { DirectStore } from '../../simulation/sim/direct-store.ts';

const KEYS = 1200;
const BATCH = 20;
/** Long keys: what finds them in memory takes less than they do. */
const KEY_DIGITS = 80;

/** Leaves nothing behind. */
export async function sweep(store: DirectStore): Promise<void> {
  for (let first = 0; first < KEYS; first += BATCH) {
    const keys = Array.from({ length: BATCH }, (_, i) =>
      String(first + i).padStart(KEY_DIGITS, '0'),
    );
    await store.write(keys.map((key) => [`swept ${key}`, null]));
  }
}
