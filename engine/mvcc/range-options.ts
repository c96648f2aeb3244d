/**
 * RangeOptions: which records a range shows, as callers say it, and as bounds of the store's own.
 */
import { flag, knownOptions, refuseNonBytes, wholeNumber } from '../arguments.ts';
import { compareBytes, prefixEnd } from '../format/bytes.ts';
import type { CursorRange } from '../run/record.ts';

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

/** `from <= key < to`, in copies that nobody else writes to. */
export interface RangeBounds extends CursorRange {
  readonly limit: number;
}

const KNOWN: Readonly<Record<keyof RangeOptions, true>> = {
  from: true,
  to: true,
  prefix: true,
  reverse: true,
  limit: true,
};
const EVERYTHING: RangeBounds = {
  from: undefined,
  to: undefined,
  reverse: false,
  limit: Number.MAX_SAFE_INTEGER,
};

/** Throws StoreError `invalid-argument` for bounds that are no bytes, `invalid-options` for the rest. */
export function rangeBounds(options: RangeOptions | undefined): RangeBounds {
  if (options === undefined) return EVERYTHING;
  const own = knownOptions(options, KNOWN, 'range options');
  const { from: first, to: end, prefix: start, reverse = false, limit } = own;
  let from = copyOf(first, 'from');
  let to = copyOf(end, 'to');
  const prefix = copyOf(start, 'prefix');
  if (prefix !== undefined) {
    const prefixTo = prefixEnd(prefix);
    if (from === undefined || compareBytes(from, prefix) < 0) from = prefix;
    if (prefixTo !== undefined && (to === undefined || compareBytes(prefixTo, to) < 0)) {
      to = prefixTo;
    }
  }
  const most =
    limit === undefined || limit === Number.POSITIVE_INFINITY
      ? Number.MAX_SAFE_INTEGER
      : wholeNumber('limit', limit, 0, Number.MAX_SAFE_INTEGER);
  return { from, to, reverse: flag('reverse', reverse), limit: most };
}

function copyOf(bytes: Uint8Array | undefined, what: string): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  refuseNonBytes(bytes, what);
  return new Uint8Array(bytes);
}
