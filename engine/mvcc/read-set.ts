/**
 * ReadSet: what a serializable transaction has read, to be checked again when it commits.
 *
 * Commits are validated backward (Kung and Robinson, "On optimistic methods for concurrency
 * control", TODS 1981): if nothing that was read has a version newer than the snapshot, the reads
 * are also what they would be at the commit, so all transactions that write are as if they ran one
 * after the other at their commits, and those that only read at their snapshots. Ranges count as
 * read with their gaps, so phantoms are found.
 *
 * Invariant: what is shown is noted before it is shown. A range that is still open at the commit, or
 * was left, counts up to the last record that it showed.
 */
import { byteLengthOf } from '../arguments.ts';
import type { CursorRange } from '../run/record.ts';
import type { RangeBounds } from './range-options.ts';

const INITIAL_BYTES = 1024;
const KEY_BYTES = 64;

export class ReadSet {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #ends: number[] = [];
  readonly #ranges: SeenRange[] = [];

  /** Notes a key; answers the copy of it that is kept. */
  addKey(key: Uint8Array): Uint8Array {
    const start = this.#ends.at(-1) ?? 0;
    const end = start + byteLengthOf(key, 'key');
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(2 * this.#bytes.length, end));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    this.#bytes.set(key, start);
    this.#ends.push(end);
    return this.#bytes.subarray(start, end);
  }

  *keys(): Generator<Uint8Array, void, void> {
    let start = 0;
    for (const end of this.#ends) {
      yield this.#bytes.subarray(start, end);
      start = end;
    }
  }

  /** Call it when a range begins, and then tell it what is shown. */
  beginRange(bounds: RangeBounds): SeenRange {
    const seen = new SeenRange(bounds);
    this.#ranges.push(seen);
    return seen;
  }

  /** All that was seen of ranges, gaps included. */
  *ranges(): Generator<Omit<CursorRange, 'reverse'>, void, void> {
    for (const { extent } of this.#ranges) if (extent !== undefined) yield extent;
  }
}

/** How far one range was seen. */
export class SeenRange {
  readonly #bounds: RangeBounds;
  /** The last key shown, with a zero byte behind it. */
  #last = new Uint8Array(KEY_BYTES);
  #length = -1;
  #isWhole = false;

  constructor(bounds: RangeBounds) {
    this.#bounds = bounds;
  }

  /** Requires: `key` is nobody's but the store's yet. */
  shown(key: Uint8Array): void {
    const { length } = key;
    if (length >= this.#last.length) this.#last = new Uint8Array(2 * length);
    const last = this.#last;
    for (let i = 0; i < length; i++) last[i] = key[i]!;
    last[length] = 0;
    this.#length = length;
  }

  /** There are no more records up to the bound: the last gap was seen too. */
  ended(): void {
    this.#isWhole = true;
  }

  /** `undefined` while nothing was shown. */
  get extent(): Omit<CursorRange, 'reverse'> | undefined {
    const { from, to, reverse } = this.#bounds;
    if (this.#isWhole) return { from, to };
    if (this.#length < 0) return undefined;
    if (reverse) return { from: this.#last.subarray(0, this.#length), to };
    return { from, to: this.#last.subarray(0, this.#length + 1) };
  }
}
