/**
 * Range reads at a snapshot: of all versions of a key, the newest at or below it, unless that is
 * a tombstone. Works the same in both directions, because it looks at a key's versions together.
 */
import { compareBytes, copyRange, equalRange, prefixEnd } from '../format/bytes.ts';
import type { Cursor, CursorRange } from '../run/record.ts';

export interface RangeOptions {
  /** First key, inclusive. */
  readonly from?: Uint8Array;
  /** Last key, exclusive. */
  readonly to?: Uint8Array;
  /** Only keys that begin so; combines with `from` and `to`. */
  readonly prefix?: Uint8Array;
  readonly reverse?: boolean;
  /** Records at most. */
  readonly limit?: number;
}

export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `from <= key < to` as the options mean it. */
export function cursorRange(options: RangeOptions): CursorRange {
  let { from, to } = options;
  if (options.prefix !== undefined) {
    const end = prefixEnd(options.prefix);
    if (from === undefined || compareBytes(from, options.prefix) < 0) from = options.prefix;
    if (end !== undefined && (to === undefined || compareBytes(end, to) < 0)) to = end;
  }
  return { from, to, reverse: options.reverse ?? false };
}

/** Yields copies; closes the cursor when it ends or is left early. */
export function* visibleRecords(
  cursor: Cursor,
  atLsn: number,
  options: RangeOptions,
): Generator<KeyValue, void, void> {
  const reverse = options.reverse === true;
  try {
    for (let left = options.limit ?? Number.MAX_SAFE_INTEGER; left > 0 && cursor.valid; ) {
      const key = copyRange(cursor.bytes, cursor.keyOffset, cursor.keyLength);
      const value = newestVisible(cursor, key, atLsn, reverse);
      if (value === undefined) continue;
      yield { key, value };
      left--;
    }
  } finally {
    cursor.close();
  }
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
