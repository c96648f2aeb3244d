/**
 * Latencies of one kind of operation, in an HDR histogram of nanoseconds with three significant
 * digits (Tene, hdrhistogram.org): values below 2,048 have a count each, those of every further power
 * of two share 1,024 counts. Histograms of several runs can be added up, which percentiles cannot.
 *
 * Recording is a shift and an addition: about a tenth of what the packages take, and it lies within
 * what is timed. `hdr-histogram-js` writes and reads the encoded form (HdrHistogram V2).
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

  /** `began` and `ended` by `performance.now()`. */
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

  /** Forgets all, and keeps the memory. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
    this.#exceeds = 0;
  }

  /** The latency in microseconds at or below which `share` per cent of the values lie. */
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

  /** HdrHistogram V2, compressed, base64: what HDR logs hold a line. */
  encoded(): string {
    const histogram = emptyHistogram();
    for (let i = 0; i < COUNTS; i++) {
      const times = this.#counts[i]!;
      if (times > 0) histogram.recordValueWithCount(Math.min(highestOf(i), this.#max), times);
    }
    return encodeIntoCompressedBase64(histogram);
  }

  /** The histogram that `encoded` wrote. Its mean is exact to three digits. */
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

/** The count a value belongs to. */
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

/** The highest value that a count stands for. */
function highestOf(index: number): number {
  const bucket = Math.max(0, (index >> HALF_BITS) - 1);
  const within = index - bucket * HALF;
  return (within + 1) * 2 ** bucket - 1;
}

/** A quarter of a nine apart, up to where a percentile stands for a single value. */
function percentilesOf(count: number): number[] {
  const percentiles: number[] = [];
  for (let quarter = 0; count * 10 ** (-quarter / STEPS_A_NINE) >= 1; quarter++) {
    percentiles.push(Number((100 - 100 * 10 ** (-quarter / STEPS_A_NINE)).toFixed(6)));
  }
  return percentiles;
}
