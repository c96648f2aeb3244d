/**
 * Chooses the keys of transactions: a few active keys, Zipf-distributed, each replaced after a number
 * of writes.
 */
import type { Prng } from '../random/prng.ts';

export interface KeyOptions {
  readonly activeKeys: number;
  /** Zipf exponent; 0 is uniform. */
  readonly zipfExponent: number;
  /** Writes to a key before a fresh key replaces it; Infinity: never. */
  readonly writesPerKey: number;
}

export class KeyChoice {
  readonly #random: Prng;
  readonly #weights: Float64Array;
  readonly #keys: number[];
  readonly #writes: number[];
  readonly #limit: number;
  #nextKey: number;

  constructor({ activeKeys, zipfExponent, writesPerKey }: KeyOptions, random: Prng) {
    this.#random = random;
    this.#limit = writesPerKey;
    let sum = 0;
    this.#weights = Float64Array.from({ length: activeKeys }, (_, rank) => {
      sum += 1 / (rank + 1) ** zipfExponent;
      return sum;
    });
    this.#keys = Array.from({ length: activeKeys }, (_, key) => key);
    this.#writes = Array.from({ length: activeKeys }, () => 0);
    this.#nextKey = activeKeys;
  }

  forRead(): number {
    return this.#keys[this.#slot()]!;
  }

  /** A key, and the number of this write to it, from 1. */
  forWrite(): readonly [key: number, write: number] {
    const slot = this.#slot();
    const key = this.#keys[slot]!;
    const write = ++this.#writes[slot]!;
    if (write >= this.#limit) {
      this.#keys[slot] = this.#nextKey++;
      this.#writes[slot] = 0;
    }
    return [key, write];
  }

  #slot(): number {
    const weights = this.#weights;
    const point = this.#random.fraction() * weights[weights.length - 1]!;
    let low = 0;
    let high = weights.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (weights[middle]! <= point) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
