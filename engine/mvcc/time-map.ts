/**
 * TimeMap: which commit was the last at a given time. Sparse: two samples a second at most, and
 * older samples are thinned, so its size is bounded and its grain grows with age.
 */
export type TimeSample = readonly [timeMs: number, lsn: number];

const SAMPLE_EVERY_MS = 1000;
const SAMPLES_MAX = 512;

export class TimeMap {
  #samples: TimeSample[];
  /** The newest commit, whether it is a sample or not. */
  #newestMs: number;
  #newestLsn: number;

  constructor(samples: readonly TimeSample[] = []) {
    this.#samples = [...samples];
    const [newestMs, newestLsn] = samples.at(-1) ?? [Number.NEGATIVE_INFINITY, 0];
    this.#newestMs = newestMs;
    this.#newestLsn = newestLsn;
  }

  get samples(): readonly TimeSample[] {
    return this.#hasNewest ? this.#samples : [...this.#samples, this.#newest];
  }

  /** Notes that `lsn` was the last commit at `timeMs`. A clock that went back adds nothing. */
  record(timeMs: number, lsn: number): void {
    if (timeMs < this.#newestMs) return;
    const last = this.#samples.at(-1);
    if (last === undefined || timeMs >= last[0] + SAMPLE_EVERY_MS) {
      // The last commit before a pause stays what was the last during the pause.
      if (!this.#hasNewest) this.#samples.push(this.#newest);
      this.#samples.push([timeMs, lsn]);
      if (this.#samples.length > SAMPLES_MAX) this.#thin();
    }
    this.#newestMs = timeMs;
    this.#newestLsn = lsn;
  }

  /** The lsn of the newest sample at or before `timeMs`, if there is one. */
  lsnAt(timeMs: number): number | undefined {
    if (this.#newestMs <= timeMs) return this.#newestLsn;
    return this.#samples.findLast((sample) => sample[0] <= timeMs)?.[1];
  }

  get #newest(): TimeSample {
    return [this.#newestMs, this.#newestLsn];
  }

  /** Whether the newest commit is a sample already; also when there is none. */
  get #hasNewest(): boolean {
    const last = this.#samples.at(-1);
    return last === undefined || last[1] === this.#newestLsn;
  }

  #thin(): void {
    const half = this.#samples.length >> 1;
    this.#samples = this.#samples.filter((_, i) => i >= half || i % 2 === 0);
  }
}
