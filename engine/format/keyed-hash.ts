/**
 * The keyed hash: HalfSipHash-1-3 with a 64-bit secret and 64 bits of output (Aumasson and
 * Bernstein, 2012). Who does not know the secret can't choose keys that fall on the same place.
 *
 * MurmurHash3, which keys are hashed with as a rule, is three to four times as fast, and has keys
 * that collide under every seed. So a table goes over to this hash, once, when its probes run away
 * (`Memtable`, `PointIndexBuilder`).
 *
 * Not for authentication: one round a word is enough for tables only.
 */

/** Drawn once per store; kept in its manifest and in the footers of its runs. */
export type HashSecret = readonly [low: number, high: number];

/** What the keys of a store are hashed with. */
export interface HashSeeds {
  readonly hashSeed: number;
  readonly hashSecret: HashSecret;
}

/** Both hashes of a key, as `KeyHasher` has them. */
export class SecretHasher {
  readonly #low: number;
  readonly #high: number;
  hash = 0;
  fingerprint = 0;

  constructor([low, high]: HashSecret) {
    this.#low = low | 0;
    this.#high = high | 0;
  }

  take(bytes: Uint8Array, offset: number, length: number): void {
    state.begin(this.#low, this.#high);
    const whole = length & ~3;
    for (let i = 0; i < whole; i += 4) {
      const at = offset + i;
      state.mixIn(
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24),
      );
    }
    let last = length << 24;
    for (let i = whole; i < length; i++) last |= bytes[offset + i]! << (8 * (i - whole));
    state.mixIn(last);
    this.hash = state.finish(0xee) >>> 0;
    this.fingerprint = state.finishMore() >>> 8;
  }
}

/** The four words that a hash is mixed in. */
class SipState {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  begin(low: number, high: number): void {
    this.#a = low;
    this.#b = high ^ 0xee;
    this.#c = 0x6c796765 ^ low;
    this.#d = 0x74656462 ^ high;
  }

  mixIn(word: number): void {
    this.#d ^= word;
    this.round();
    this.#a ^= word;
  }

  finish(mark: number): number {
    this.#c ^= mark;
    return this.#threeRounds();
  }

  /** The second half of the output. */
  finishMore(): number {
    this.#b ^= 0xdd;
    return this.#threeRounds();
  }

  #threeRounds(): number {
    this.round();
    this.round();
    this.round();
    return this.#b ^ this.#d;
  }

  round(): void {
    let a = (this.#a + this.#b) | 0;
    let b = rotated(this.#b, 5) ^ a;
    let c = (this.#c + this.#d) | 0;
    let d = rotated(this.#d, 8) ^ c;
    a = (rotated(a, 16) + d) | 0;
    d = rotated(d, 7) ^ a;
    c = (c + b) | 0;
    b = rotated(b, 13) ^ c;
    this.#a = a;
    this.#b = b;
    this.#c = rotated(c, 16);
    this.#d = d;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

const state = new SipState();
