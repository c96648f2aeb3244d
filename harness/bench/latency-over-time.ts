/**
 * Latencies of one kind of operation, in total and over time: p50, p99 and maximum of each slice of
 * half a second, so that a pause is visible where it happened. If a run has more slices than can be
 * shown, neighbours are merged: the maximum stays exact, and a percentile becomes the larger of the
 * two.
 */
import type { Latency, LatencySlice } from '../contract/bench-record.ts';
import { Latencies } from './latencies.ts';

const SLICE_MS = 500;
const SLICES_MAX = 120;

export class LatencyOverTime {
  readonly #all = new Latencies();
  readonly #slices: LatencySlice[] = [];
  readonly #slice = new Latencies();
  #sliceMs: number;
  #first: number | undefined;
  #end = 0;

  constructor(sliceMs = SLICE_MS) {
    this.#sliceMs = sliceMs;
  }

  get count(): number {
    return this.#all.count;
  }

  /**
   * `began`, `ended`: instants of `performance.now()`; the operation belongs to the slice in which it
   * ended.
   */
  add(began: number, ended: number): void {
    if (this.#first === undefined) {
      this.#first = began;
      this.#end = began + this.#sliceMs;
    }
    if (ended >= this.#end) this.#endSlice(ended);
    this.#all.add(began, ended);
    this.#slice.add(began, ended);
  }

  get summary(): Latency {
    const last = this.#slice.count === 0 ? [] : [this.#sliceAt(this.#end)];
    const overTime = [...this.#slices, ...last];
    return { ...this.#all.summary, ...(overTime.length < 2 ? {} : { overTime }) };
  }

  #sliceAt(end: number): LatencySlice {
    const seconds = Number(((end - this.#first!) / 1000).toFixed(2));
    const [p50, p99, max] = [50, 99, 100].map((share) => this.#slice.percentile(share));
    return [seconds, p50!, p99!, max!];
  }

  #endSlice(now: number): void {
    if (this.#slice.count > 0) this.#slices.push(this.#sliceAt(this.#end));
    this.#slice.clear();
    if (this.#slices.length >= SLICES_MAX) this.#halve();
    while (this.#end <= now) this.#end += this.#sliceMs;
  }

  #halve(): void {
    const pairs = this.#slices.splice(0);
    for (let i = 0; i < pairs.length; i += 2) {
      const [a, b = a] = [pairs[i]!, pairs[i + 1]];
      const larger = (field: 1 | 2 | 3) => Math.max(a[field], b[field]);
      this.#slices.push([b[0], larger(1), larger(2), larger(3)]);
    }
    this.#sliceMs *= 2;
  }
}
