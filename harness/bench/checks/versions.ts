/**
 * Versions: the last acknowledged version of each record. Checks that the store still returns it,
 * during the workload and after the store was closed and reopened.
 *
 * No two clients of a workload write the same record at the same time; otherwise the last version would
 * be ambiguous.
 */
import { Prng } from '../../random/prng.ts';
import type { Place } from '../workload.ts';

/** Number of records read back: of the written ones, and of all. */
const READ_BACK = 10_000;

export class Versions {
  readonly #place: Place;
  readonly #random: Prng;
  /** By record; 0 as loaded. Grown in large steps as records are added. */
  #last: Uint32Array;
  /** Records that were written, drawn evenly (reservoir sampling, Vitter 1985). */
  readonly #written: number[] = [];
  #writes = 0;
  #newest: number;

  /** `records`: number of loaded records, if loading was cut short. */
  constructor(place: Place, records = place.job.records) {
    this.#place = place;
    this.#random = new Prng(place.job.seed).derive('read back');
    this.#last = new Uint32Array(records);
    this.#newest = records - 1;
  }

  /** Highest record number in the store. */
  get newest(): number {
    return this.#newest;
  }

  /** The store acknowledged this version. */
  acknowledged(number: number, version: number): void {
    if (number >= this.#last.length) {
      const grown = new Uint32Array(Math.max(number + 1, 2 * this.#last.length));
      grown.set(this.#last);
      this.#last = grown;
    }
    if (number > this.#newest) this.#newest = number;
    this.#last[number] = version;
    if (this.#writes++ < READ_BACK) this.#written.push(number);
    else {
      const place = this.#random.below(this.#writes);
      if (place < READ_BACK) this.#written[place] = number;
    }
  }

  /** Whether `value` is what was last acknowledged for the record. */
  isLast(number: number, value: Uint8Array | undefined): boolean {
    return this.#place.records.isValue(number, value, this.#last[number]);
  }

  /** Opens the store again and reads: answers how many values were read, and were wrong. */
  async readBack(): Promise<{ readonly readBack: number; readonly wrong: number }> {
    const { records } = this.#place;
    const all = this.#newest + 1;
    const draw = (_: unknown, i: number) => (all <= READ_BACK ? i : this.#random.below(all));
    const any = Array.from({ length: Math.min(READ_BACK, all) }, draw);
    const numbers = [...this.#written, ...any];
    const store = await this.#place.open();
    const key = Buffer.alloc(records.keyBytes);
    let wrong = 0;
    for (const number of numbers) {
      records.keyInto(number, key);
      if (!this.isLast(number, store.get(key))) wrong++;
    }
    await store.close();
    return { readBack: numbers.length, wrong };
  }
}
