/**
 * ScanCheck: verifies the results of scans. Each record's key belongs to a loaded record and follows
 * the previous key, and the value is that record's. Each scan starts at the requested record and
 * returns the requested number of records.
 *
 * Gaps are checked on a sample of a few hundred scans, after the clock has stopped: one pass over all
 * records counts the keys within each sampled scan, which must equal the number of records it returned.
 * Scans that returned fewer records than their limit are sampled as well.
 */
import type { Records } from '../records.ts';

/** Sampled scans, spread over the run. */
const SAMPLED = 256;
/** How many scans that returned fewer records than their limit are sampled; the first ones are. */
const SHORT_SAMPLED = 256;

interface Sampled {
  readonly from: Buffer;
  readonly limit: number;
  readonly reverse: boolean;
  /** The records that existed, by number. */
  readonly newest: number;
  readonly last: Buffer;
  readonly seen: number;
}

export class ScanCheck {
  readonly #records: Records;
  readonly #isValue: (number: number, value: Uint8Array) => boolean;
  readonly #every: number;
  readonly #sampled: Sampled[] = [];
  #short = 0;
  #scans = 0;
  #reverse = false;
  #seen = 0;
  #first = -1;
  readonly #from: Buffer;
  readonly #previous: Buffer;
  wrong = 0;

  /** `scans`: number of scans to expect. `isValue`: whether a value is a record's current one. */
  constructor(
    records: Records,
    scans: number,
    isValue: (number: number, value: Uint8Array) => boolean,
  ) {
    this.#records = records;
    this.#isValue = isValue;
    this.#every = Math.max(1, Math.floor(scans / SAMPLED));
    this.#from = Buffer.alloc(records.keyBytes);
    this.#previous = Buffer.alloc(records.keyBytes);
  }

  begin(from: Buffer, reverse: boolean): void {
    from.copy(this.#from);
    this.#reverse = reverse;
    this.#seen = 0;
    this.#first = -1;
  }

  readonly visit = (key: Uint8Array, value: Uint8Array): void => {
    const records = this.#records;
    const number = records.numberOfKey(key);
    if (number === undefined || !this.#isValue(number, value)) {
      this.wrong++;
      return;
    }
    if (this.#seen === 0) this.#first = number;
    else {
      const order = Buffer.compare(key, this.#previous);
      if (this.#reverse ? order >= 0 : order <= 0) this.wrong++;
    }
    this.#previous.set(key);
    this.#seen++;
  };

  /** `number`: the record the scan starts at, which exists, as do all records up to `newest`. */
  end(number: number, limit: number, newest: number): void {
    const isShort = this.#seen < limit;
    if (this.#seen > limit || this.#first !== number) this.wrong++;
    if (this.#scans++ % this.#every === 0 || (isShort && this.#short++ < SHORT_SAMPLED)) {
      this.#sampled.push({
        from: Buffer.from(this.#from),
        limit,
        reverse: this.#reverse,
        newest,
        last: Buffer.from(this.#previous),
        seen: this.#seen,
      });
    }
  }

  /** Counts the records each sampled scan had to return; adds scans with another count to `wrong`. */
  settle(): void {
    const spans = this.#sampled.filter(({ seen }) => seen > 0).map(spanOf);
    spans.sort((a, b) => Buffer.compare(a.low, b.low));
    let highest: Buffer = Buffer.alloc(0);
    for (const span of spans) {
      if (Buffer.compare(span.high, highest) > 0) highest = span.high;
      span.highestSoFar = highest;
    }
    const newest = Math.max(-1, ...spans.map((span) => span.newest));
    const key = Buffer.alloc(this.#records.keyBytes);
    for (let number = 0; number <= newest; number++) {
      this.#records.keyInto(number, key);
      for (let i = lastBelow(spans, key); i >= 0; i--) {
        const span = spans[i]!;
        if (Buffer.compare(span.highestSoFar, key) < 0) break;
        if (number <= span.newest && Buffer.compare(key, span.high) <= 0) span.found++;
      }
    }
    for (const { found, seen } of spans) if (found !== seen) this.wrong++;
  }
}

/** Keys from `low` to `high`, both included. */
interface Span {
  readonly low: Buffer;
  readonly high: Buffer;
  readonly newest: number;
  readonly seen: number;
  found: number;
  /** Keys of this span and all earlier ones. */
  highestSoFar: Buffer;
}

function spanOf({ from, last, limit, reverse, newest, seen }: Sampled): Span {
  const ended = seen < limit;
  const top = Buffer.alloc(from.length + 1, 0xff);
  const low = !reverse ? from : ended ? Buffer.alloc(0) : last;
  const high = reverse ? from : ended ? top : last;
  return { low, high, newest, seen, found: 0, highestSoFar: high };
}

/** The last span that begins at or below `key`; -1 when none does. */
function lastBelow(spans: readonly Span[], key: Buffer): number {
  let low = -1;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Buffer.compare(spans[middle]!.low, key) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
