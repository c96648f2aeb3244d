/**
 * Lookup: what a point read asks for and where it was found. One object serves many reads, so the
 * hot path allocates nothing.
 */
import { copyRange, copyWords } from '../format/bytes.ts';
import { KeyHasher } from '../format/hash.ts';
import { type HashSeeds, SecretHasher } from '../format/keyed-hash.ts';

/** Shorter values are copied word by word: a loop is quicker than the calls a copy takes. */
const COPIED_BY_WORDS_MAX = 256;
const NO_WORDS = new Uint32Array(0);

export class Lookup {
  readonly #hasher: KeyHasher;
  readonly #seeds: HashSeeds;
  /** The keyed hash of this key, computed at first use, for tables with keyed hashes. */
  readonly #secretHasher: SecretHasher;
  #hasSecretHash = false;
  key: Uint8Array = new Uint8Array(0);
  atLsn = 0;
  bytes: Uint8Array = this.key;
  /** The same memory as `bytes`, by words. */
  words: Uint32Array = NO_WORDS;
  valueOffset = 0;
  valueLength = 0;
  isTombstone = false;
  lsn = 0;

  constructor(seeds: HashSeeds) {
    this.#seeds = seeds;
    this.#hasher = new KeyHasher(seeds.hashSeed);
    this.#secretHasher = new SecretHasher(seeds.hashSecret);
  }

  /** More of the same, for reads of many keys at once. */
  peers(count: number): readonly Lookup[] {
    return Array.from({ length: count }, () => new Lookup(this.#seeds));
  }

  begin(key: Uint8Array, atLsn: number): void {
    this.key = key;
    this.atLsn = atLsn;
    this.#hasSecretHash = false;
    this.#hasher.take(key, 0, key.length);
  }

  get hash(): number {
    return this.#hasher.hash;
  }

  get fingerprint(): number {
    return this.#hasher.fingerprint;
  }

  /** Both hashes of the key under the store's secret. */
  get secretHashes(): { readonly hash: number; readonly fingerprint: number } {
    if (!this.#hasSecretHash) this.#secretHasher.take(this.key, 0, this.key.length);
    this.#hasSecretHash = true;
    return this.#secretHasher;
  }

  /** A copy of the value that was found; `undefined` for a tombstone. */
  copyValue(): Uint8Array | undefined {
    if (this.isTombstone) return undefined;
    const { valueOffset: offset, valueLength: length } = this;
    if ((offset & 3) === 0 && length <= COPIED_BY_WORDS_MAX) {
      return copyWords(this.words, offset >> 2, length);
    }
    return copyRange(this.bytes, offset, length);
  }
}
