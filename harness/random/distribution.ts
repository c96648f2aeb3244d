/**
 * Distributions of record numbers: uniform, and Zipf as YCSB draws it (Gray et al., "Quickly
 * generating billion-record synthetic databases", SIGMOD 1994), with ranks scattered over the
 * numbers so that popular records are not neighbours.
 */
import type { Prng } from './prng.ts';

export interface Distribution {
  /** A number in [0, count). */
  next(): number;
}

export class Uniform implements Distribution {
  readonly #count: number;
  readonly #random: Prng;

  constructor(count: number, random: Prng) {
    this.#count = count;
    this.#random = random;
  }

  next(): number {
    return this.#random.below(this.#count);
  }
}

const EXACT_TERMS = 10_000;

export class Zipf implements Distribution {
  readonly #count: number;
  readonly #random: Prng;
  readonly #exponent: number;
  readonly #zeta: number;
  readonly #alpha: number;
  readonly #eta: number;

  /** `exponent` in (0, 1); YCSB's is 0.99. */
  constructor(count: number, random: Prng, exponent = 0.99) {
    this.#count = count;
    this.#random = random;
    this.#exponent = exponent;
    this.#zeta = zeta(count, exponent);
    this.#alpha = 1 / (1 - exponent);
    this.#eta =
      (1 - (2 / count) ** (1 - exponent)) / (1 - zeta(Math.min(2, count), exponent) / this.#zeta);
  }

  next(): number {
    return scatter(this.rank(), this.#count);
  }

  /** 0 is the most popular. */
  rank(): number {
    const u = this.#random.fraction();
    const uz = u * this.#zeta;
    if (uz < 1) return 0;
    if (uz < 1 + 0.5 ** this.#exponent) return Math.min(1, this.#count - 1);
    const rank = Math.floor(this.#count * (this.#eta * u - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, this.#count - 1);
  }
}

/** The first terms one by one, the rest by the integral (error below 1e-5 of the sum). */
function zeta(count: number, exponent: number): number {
  const exact = Math.min(count, EXACT_TERMS);
  let sum = 0;
  for (let i = 1; i <= exact; i++) sum += 1 / i ** exponent;
  if (count === exact) return sum;
  const power = 1 - exponent;
  return sum + ((count + 0.5) ** power - (exact + 0.5) ** power) / power;
}

function scatter(rank: number, count: number): number {
  let h = Math.imul(rank ^ (rank >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) % count;
}
