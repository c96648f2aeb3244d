/**
 * ReadSet: what a serializable transaction has read, to be checked again when it commits.
 *
 * Commits are validated backward (Kung and Robinson, "On optimistic methods for concurrency
 * control", TODS 1981): if nothing that was read has a version newer than the snapshot, the reads
 * are also what they would be at the commit, so all transactions that write are as if they ran one
 * after the other at their commits, and those that only read at their snapshots. Ranges count as
 * read with their gaps, so phantoms are found; of a range left early, the part that was seen.
 */
import { cursorRange, type KeyValue, type RangeOptions } from './range-read.ts';

const INITIAL_BYTES = 1024;

export interface KeyRange {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
}

export class ReadSet {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #ends: number[] = [];
  readonly ranges: KeyRange[] = [];

  addKey(key: Uint8Array): void {
    const start = this.#ends.at(-1) ?? 0;
    const end = start + key.length;
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(2 * this.#bytes.length, end));
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    const bytes = this.#bytes;
    for (let i = 0; i < key.length; i++) bytes[start + i] = key[i]!;
    this.#ends.push(end);
  }

  *keys(): Generator<Uint8Array, void, void> {
    let start = 0;
    for (const end of this.#ends) {
      yield this.#bytes.subarray(start, end);
      start = end;
    }
  }

  /** Passes a range read through and notes, when it ends, how far it was seen. */
  *track(records: Iterable<KeyValue>, options: RangeOptions): Generator<KeyValue, void, void> {
    const { from, to, reverse } = cursorRange(options);
    let count = 0;
    let last: Uint8Array | undefined;
    let ended = false;
    try {
      for (const record of records) {
        last = record.key;
        count++;
        yield record;
      }
      ended = count < (options.limit ?? Number.MAX_SAFE_INTEGER);
    } finally {
      if (ended) this.ranges.push({ from, to });
      else if (last !== undefined) {
        this.ranges.push(reverse ? { from: last, to } : { from, to: justAfter(last) });
      }
    }
  }
}

/** The smallest key above `key`. */
function justAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
