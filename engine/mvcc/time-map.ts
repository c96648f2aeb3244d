/**
 * TimeMap: which commit was the last at a given time. Sparse: one sample a second at most, and
 * older samples are thinned, so its size is bounded and its grain grows with age.
 */
export type TimeSample = readonly [timeMs: number, lsn: number];

const SAMPLE_EVERY_MS = 1000;
const SAMPLES_MAX = 512;

export class TimeMap {
  #samples: TimeSample[];

  constructor(samples: readonly TimeSample[] = []) {
    this.#samples = [...samples];
  }

  get samples(): readonly TimeSample[] {
    return this.#samples;
  }

  /** Notes that `lsn` was the last commit at `timeMs`. A clock that went back adds nothing. */
  record(timeMs: number, lsn: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && timeMs < last[0] + SAMPLE_EVERY_MS) return;
    this.#samples.push([timeMs, lsn]);
    if (this.#samples.length > SAMPLES_MAX) {
      const half = this.#samples.length >> 1;
      this.#samples = this.#samples.filter((_, i) => i >= half || i % 2 === 0);
    }
  }

  /** The lsn of the newest sample at or before `timeMs`, if there is one. */
  lsnAt(timeMs: number): number | undefined {
    return this.#samples.findLast((sample) => sample[0] <= timeMs)?.[1];
  }
}
