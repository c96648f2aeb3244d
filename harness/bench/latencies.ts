/**
 * Latencies of one kind of operation, in an HDR histogram of nanoseconds with three significant digits
 * (Tene, hdrhistogram.org): values below 2,048 are counted exactly; each further power of two has 1,024
 * buckets. Unlike percentiles, histograms of several runs can be added.
 *
 * Recording is a shift and an addition, about a tenth of the cost of the npm packages; it counts
 * because it is inside the timed section. `hdr-histogram-js` reads and writes the encoded form
 * (HdrHistogram V2).
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type JsHistogram,
} from 'hdr-histogram-js';
import type { Latency } from '../contract/bench-record.ts';

const DIGITS = 3;
const HALF_BITS = 10;
const HALF = 1 << HALF_BITS;
/** Ten minutes, in nanoseconds. */
const LONGEST_NS = 600e9;
const TWO_31 = 2 ** 31;
const COUNTS = indexOf(LONGEST_NS) + 1;
const STEPS_A_NINE = 4;

export class Latencies {
  readonly #counts = new Float64Array(COUNTS);
  #count = 0;
  #sum = 0;
  #max = 0;
  #exceeds = 0;

  /** `began`, `ended`: instants of `performance.now()`, in milliseconds. */
  add(began: number, ended: number): void {
    this.addNanoseconds(Math.max(1, Math.round((ended - began) * 1e6)));
  }

  addNanoseconds(nanoseconds: number, times = 1): void {
    if (nanoseconds > LONGEST_NS) {
      this.#exceeds += times;
      return;
    }
    this.#counts[indexOf(nanoseconds)]! += times;
    this.#count += times;
    this.#sum += nanoseconds * times;
    if (nanoseconds > this.#max) this.#max = nanoseconds;
  }

  /** Adds what another histogram holds. */
  addAll(other: Latencies): void {
    for (let i = 0; i < COUNTS; i++) this.#counts[i]! += other.#counts[i]!;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#exceeds += other.#exceeds;
    this.#max = Math.max(this.#max, other.#max);
  }

  get count(): number {
    return this.#count;
  }

  /** Resets all counts, without freeing memory. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
    this.#exceeds = 0;
  }

  /** The latency in microseconds that `share` per cent of the values do not exceed. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil((share / 100) * this.#count - 1e-9));
    let seen = 0;
    for (let i = 0; i < COUNTS; i++) {
      seen += this.#counts[i]!;
      if (seen >= wanted) return Math.min(highestOf(i), this.#max) / 1000;
    }
    return 0;
  }

  get summary(): Latency {
    const count = this.#count;
    const at = (share: number) => this.percentile(share);
    return {
      count,
      mean: count === 0 ? 0 : this.#sum / count / 1000,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: this.#max / 1000,
      exceeds: this.#exceeds,
      curve: percentilesOf(count).map((share) => [share, at(share)] as const),
      hdr: this.encoded(),
    };
  }

  /** HdrHistogram V2, compressed, base64: the form used in HDR logs. */
  encoded(): string {
    const histogram = emptyHistogram();
    for (let i = 0; i < COUNTS; i++) {
      const times = this.#counts[i]!;
      if (times > 0) histogram.recordValueWithCount(Math.min(highestOf(i), this.#max), times);
    }
    return encodeIntoCompressedBase64(histogram);
  }

  /** Decodes a histogram written by `encoded`. Its mean is exact to three digits. */
  static decode(text: string, exceeds = 0): Latencies {
    const read = decodeFromCompressedBase64(text, 'packed', false) as JsHistogram;
    const latencies = new Latencies();
    for (let i = 0, seen = 0; i < COUNTS && seen < read.totalCount; i++) {
      const times = read.getCountAtIndex(i);
      if (times > 0)
        latencies.addNanoseconds(Math.min(highestOf(i), read.maxValue, LONGEST_NS), times);
      seen += times;
    }
    latencies.#exceeds = exceeds;
    return latencies;
  }
}

export function emptyHistogram() {
  return build({
    bitBucketSize: 'packed',
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_NS,
    numberOfSignificantValueDigits: DIGITS,
    useWebAssembly: false,
  });
}

/** Index of the bucket of a value. */
function indexOf(nanoseconds: number): number {
  let value = nanoseconds;
  let shifted = 0;
  while (value >= TWO_31) {
    value = Math.floor(value / 2);
    shifted++;
  }
  const bits = 31 - HALF_BITS - Math.clz32(value | 1);
  const bucket = Math.max(0, bits);
  return ((bucket + shifted) << HALF_BITS) + (value >>> bucket);
}

/** Highest value of a bucket. */
function highestOf(index: number): number {
  const bucket = Math.max(0, (index >> HALF_BITS) - 1);
  const within = index - bucket * HALF;
  return (within + 1) * 2 ** bucket - 1;
}

/** Percentiles a quarter of a nine apart, up to the one that stands for a single value. */
function percentilesOf(count: number): number[] {
  const percentiles: number[] = [];
  for (let quarter = 0; count * 10 ** (-quarter / STEPS_A_NINE) >= 1; quarter++) {
    percentiles.push(Number((100 - 100 * 10 ** (-quarter / STEPS_A_NINE)).toFixed(6)));
  }
  return percentiles;
}
