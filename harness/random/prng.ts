/**
 * Prng: every random choice of a run, from one printed seed.
 *
 * A stream is derived by label, so a new consumer never shifts the numbers of the others. The
 * generator is xoshiro128** (Blackman and Vigna 2018); its state is filled by hashing seed and
 * label with splitmix-style mixing.
 */
export class Prng {
  /** Of the path of labels that led here. */
  readonly #hash: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string, above = EMPTY_HASH) {
    this.#hash = hashText(String(seed), above);
    let state = mix(this.#hash);
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      return mix(state);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** An independent stream for `label`, or for one of many that are numbered: as for `label number`. */
  derive(label: string, number?: number): Prng {
    const hash = hashText(label, hashUnit('/'.charCodeAt(0), this.#hash));
    return new Prng('', number === undefined ? hash : hashNumber(number, hash));
  }

  nextUint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1), with 32 bits. */
  fraction(): number {
    return this.nextUint32() / 4294967296;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('pick needs at least one item');
    return items[this.below(items.length)]!;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}

/** A seed for a part of a run: depends on the run's seed and the part's name alone. */
export function deriveSeed(seed: number, label: string): number {
  return new Prng(`${seed}/${label}`).nextUint32();
}

const EMPTY_HASH = 0x811c9dc5;

/** FNV-1a; of a text in parts, each part goes on from the hash of those before. */
function hashText(text: string, before: number): number {
  let hash = before;
  for (let i = 0; i < text.length; i++) hash = hashUnit(text.charCodeAt(i), hash);
  return hash;
}

function hashUnit(unit: number, before: number): number {
  return Math.imul(before ^ unit, 0x01000193);
}

/** As the text of a space and the number, which need not be made. */
function hashNumber(number: number, before: number): number {
  let unit = 1;
  while (unit * 10 <= number) unit *= 10;
  let hash = hashUnit(' '.charCodeAt(0), before);
  for (; unit >= 1; unit /= 10) {
    hash = hashUnit('0'.charCodeAt(0) + (Math.floor(number / unit) % 10), hash);
  }
  return hash;
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
