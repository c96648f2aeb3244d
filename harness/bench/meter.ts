/**
 * Meter: what one workload took. Latencies go into an HDR histogram of nanoseconds (three digits),
 * counts into a curve of 100 pieces; processor, memory and the device are read from the system.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createHistogram, performance } from 'node:perf_hooks';
import type { Latency, Usage } from '../contract/bench-record.ts';

const LONGEST_NS = 600e9;
const CURVE_PIECES = 100;
const STEPS_A_NINE = 4;
/** The histogram has no percentile 0. */
const SMALLEST = 0.001;

/** Latencies of one kind of operation. */
export class Latencies {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_NS, figures: 3 });

  /** `began` and `ended` by `performance.now()`. */
  add(began: number, ended: number): void {
    this.#histogram.record(Math.max(1, Math.round((ended - began) * 1e6)));
  }

  get summary(): Latency {
    const histogram = this.#histogram;
    const at = (share: number) => histogram.percentile(share) / 1000;
    return {
      count: histogram.count,
      mean: histogram.count === 0 ? 0 : histogram.mean / 1000,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: histogram.count === 0 ? 0 : histogram.max / 1000,
      exceeds: histogram.exceeds,
      curve: percentilesOf(histogram.count).map((share) => [share, at(share || SMALLEST)] as const),
    };
  }
}

/** A quarter of a nine apart, up to where a percentile stands for a single value. */
function percentilesOf(count: number): number[] {
  const percentiles: number[] = [];
  for (let quarter = 0; count * 10 ** (-quarter / STEPS_A_NINE) >= 1; quarter++) {
    percentiles.push(Number((100 - 100 * 10 ** (-quarter / STEPS_A_NINE)).toFixed(6)));
  }
  return percentiles;
}

/** Operations per second over the run, in pieces of one per cent. */
export class Curve {
  readonly #every: number;
  readonly #rates: number[] = [];
  #done = 0;
  #piece = 0;
  #pieceBegan = performance.now();

  constructor(total: number) {
    this.#every = Math.max(1, Math.floor(total / CURVE_PIECES));
  }

  add(count: number): void {
    this.#done += count;
    this.#piece += count;
    if (this.#piece < this.#every) return;
    const now = performance.now();
    this.#rates.push(Math.round((1000 * this.#piece) / (now - this.#pieceBegan)));
    this.#piece = 0;
    this.#pieceBegan = now;
  }

  get done(): number {
    return this.#done;
  }

  get rates(): readonly number[] {
    return this.#rates;
  }
}

/** Begins at its construction; `usage` says what was used since. */
export class Meter {
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #io = deviceBytes();

  get usage(): Usage {
    const { user, system } = process.cpuUsage(this.#cpu);
    const io = deviceBytes();
    return {
      wallSeconds: (performance.now() - this.#began) / 1000,
      cpuSeconds: (user + system) / 1e6,
      rssMaxMiB: Math.round(process.resourceUsage().maxRSS / 1024),
      deviceReadMiB: (io.read - this.#io.read) / 2 ** 20,
      deviceWriteMiB: (io.written - this.#io.written) / 2 ** 20,
    };
  }
}

/** Bytes this process had the device read and write; zeros where the system does not tell. */
function deviceBytes(): { read: number; written: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
    return { read: field('read_bytes'), written: field('write_bytes') };
  } catch {
    return { read: 0, written: 0 };
  }
}

/** Bytes that the files of a directory take on disk: sparse parts do not count. */
export function diskBytes(directory: string): number {
  let blocks = 0;
  for (const name of readdirSync(directory)) blocks += statSync(`${directory}/${name}`).blocks;
  return 512 * blocks;
}
