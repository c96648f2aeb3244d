/**
 * Range reads at a snapshot: of all versions of a key, the newest at or below it, unless that is
 * a tombstone. Works the same in both directions, because it looks at a key's versions together.
 *
 * A range begins with the first record that is asked for: until then it holds nothing. It ends with
 * its last record, when it is left, or with its owner.
 */
import { copyRange, equalRange } from '../format/bytes.ts';
import type { Cursor } from '../run/record.ts';
import type { OpenRanges } from './open-ranges.ts';
import type { PendingRange } from './pending-range.ts';
import type { RangeBounds } from './range-options.ts';
import type { SeenRange } from './read-set.ts';

export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What a range reads, found out when its first record is asked for. */
export interface RangeStart {
  readonly cursor: Cursor;
  /** The lsn that it shows. */
  readonly atLsn: number;
  /** A transaction's own writes. */
  readonly pending?: PendingRange | undefined;
  /** Where a serializable transaction notes what it is shown. */
  readonly seen?: SeenRange | undefined;
}

/** Yields copies. */
export function* visibleRecords(
  owner: OpenRanges,
  { reverse, limit }: RangeBounds,
  begin: () => RangeStart,
): Generator<KeyValue, void, void> {
  if (limit === 0) return;
  owner.refuseIfEnded();
  const { cursor, atLsn, pending, seen } = begin();
  const range = owner.add(cursor);
  try {
    for (let left = limit; ; left--) {
      const record =
        pending === undefined
          ? nextVisible(cursor, atLsn, reverse)
          : nextLaidOver(cursor, pending, atLsn, reverse);
      if (record === undefined) {
        seen?.ended();
        return;
      }
      seen?.shown(record.key);
      if (left === 1) owner.close(range);
      yield record;
      if (left === 1) return;
      if (range.refusal !== undefined) throw range.refusal();
    }
  } finally {
    owner.close(range);
  }
}

/** Moves the cursor past the next key that is visible, and answers a copy of it. */
function nextVisible(cursor: Cursor, atLsn: number, reverse: boolean): KeyValue | undefined {
  while (cursor.valid) {
    const key = copyRange(cursor.bytes, cursor.keyOffset, cursor.keyLength);
    const value = newestVisible(cursor, key, atLsn, reverse);
    if (value !== undefined) return { key, value };
  }
  return undefined;
}

/** As `nextVisible`, with pending writes laid over the records. */
export function nextLaidOver(
  cursor: Cursor,
  pending: PendingRange,
  atLsn: number,
  reverse: boolean,
): KeyValue | undefined {
  while (cursor.valid || pending.valid) {
    const order = !pending.valid ? 1 : !cursor.valid ? -1 : pending.compareTo(cursor);
    const key =
      order <= 0 ? pending.key : copyRange(cursor.bytes, cursor.keyOffset, cursor.keyLength);
    const stored = order >= 0 ? newestVisible(cursor, key, atLsn, reverse) : undefined;
    const value = order <= 0 ? pending.value : stored;
    if (order <= 0) pending.next();
    if (value !== undefined) return { key, value };
  }
  return undefined;
}

/**
 * Moves the cursor past all versions of `key`; answers the visible value, if there is one. Of two
 * writes in the same commit the later wins: it comes first when walking forward, last in reverse.
 */
function newestVisible(
  cursor: Cursor,
  key: Uint8Array,
  atLsn: number,
  reverse: boolean,
): Uint8Array | undefined {
  let bestLsn = -1;
  let value: Uint8Array | undefined;
  do {
    const { lsn } = cursor;
    if (lsn <= atLsn && (lsn > bestLsn || (reverse && lsn === bestLsn))) {
      bestLsn = lsn;
      const { bytes, keyOffset, keyLength, valueLength } = cursor;
      value = cursor.isTombstone ? undefined : copyRange(bytes, keyOffset + keyLength, valueLength);
    }
    cursor.next();
  } while (cursor.valid && isKey(cursor, key));
  return value;
}

function isKey(cursor: Cursor, key: Uint8Array): boolean {
  if (cursor.keyLength !== key.length) return false;
  return equalRange(cursor.bytes, cursor.keyOffset, key, 0, key.length);
}
