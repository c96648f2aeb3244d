/**
 * TimeMap: which commit was the last at a given time. Sparse: two samples a second at most, and
 * older samples are thinned, so its size is bounded and its grain grows with age.
 *
 * The clock may jump ahead and come back, or be set back for good. Samples are kept in the order of
 * the commits, with the times the clock showed. A time is looked up in the longest series of them
 * that never goes back and ends with the newest: what the clock shows now is taken for right, and
 * of the rest as little as possible for wrong. So the newest commit is always found at its time and
 * after, and no later time shows an older commit.
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

  /** Notes that `lsn` was the last commit at `timeMs`. Ignores what is known already. */
  record(timeMs: number, lsn: number): void {
    if (lsn < this.#newestLsn) return;
    const back = this.#newestMs - timeMs;
    // Less than the grain counts as the same time.
    const now = back > 0 && back < SAMPLE_EVERY_MS ? this.#newestMs : timeMs;
    const last = this.#samples.at(-1);
    if (last === undefined || now < this.#newestMs || now >= last[0] + SAMPLE_EVERY_MS) {
      // The last commit before a pause stays what was the last during the pause.
      if (!this.#hasNewest) this.#samples.push(this.#newest);
      this.#samples.push([now, lsn]);
      if (this.#samples.length > SAMPLES_MAX) this.#thin();
    }
    this.#newestMs = now;
    this.#newestLsn = lsn;
  }

  /**
   * Notes that commits up to `lsn` were made, at times that only lost samples told: within the grain of
   * the newest that is known. `nowMs`: where none is.
   */
  reach(lsn: number, nowMs: number): void {
    if (lsn <= this.#newestLsn) return;
    this.record(Number.isFinite(this.#newestMs) ? this.#newestMs : nowMs, lsn);
  }

  /** Notes that it is `nowMs` by the clock: if that was set back, the newest commit was before. */
  observe(nowMs: number): void {
    if (this.#newestLsn > 0 && nowMs < this.#newestMs) this.record(nowMs, this.#newestLsn);
  }

  /** The lsn of the newest sample at or before `timeMs`, if there is one. */
  lsnAt(timeMs: number): number | undefined {
    if (this.#newestMs <= timeMs) return this.#newestLsn;
    return longestSeries(this.samples).findLast((sample) => sample[0] <= timeMs)?.[1];
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

/** The longest series whose times never go back and which ends with the last sample. */
function longestSeries(samples: readonly TimeSample[]): readonly TimeSample[] {
  const isRising = samples.every(([timeMs], i) => i === 0 || timeMs >= samples[i - 1]![0]);
  if (isRising) return samples;
  /** Of each length: the last sample of the series of that length that ends earliest. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [i, [timeMs]] of samples.entries()) {
    const isLater = (end: number) => samples[end]![0] > timeMs;
    const found = ends.findIndex(isLater);
    const length = found < 0 ? ends.length : found;
    before.push(ends[length - 1] ?? -1);
    ends[length] = i;
  }
  const series: TimeSample[] = [];
  for (let i = samples.length - 1; i >= 0; i = before[i]!) series.unshift(samples[i]!);
  return series;
}
