/**
 * Hashes of keys, with a seed drawn once per store so that no key set is slow on every store.
 * MurmurHash3 (x86, 32 bit; Appleby 2011) over the whole key, read as little-endian words.
 */
export function hashKey(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  let h = seed | 0;
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) h = mixIn(h, wordAt(bytes, offset + i));
  if (words < length) h ^= scrambled(tailAt(bytes, offset + words, length - words));
  return finished(h ^ length);
}

/** `hashKey` of a key that begins at a word: `at` counts words. What follows the key is ignored. */
export function hashWords(words: Uint32Array, at: number, length: number, seed: number): number {
  let h = seed | 0;
  const whole = length >>> 2;
  for (let i = 0; i < whole; i++) h = mixIn(h, words[at + i]! | 0);
  const rest = length & 3;
  if (rest > 0) h ^= scrambled(words[at + whole]! & (2 ** (8 * rest) - 1));
  return finished(h ^ length);
}

/**
 * Both hashes of a key in one pass: `hash` is `hashKey`'s and says where to look, `fingerprint` (24
 * bits, mixed independently) tells keys apart that fall on the same place.
 */
export class KeyHasher {
  readonly #seed: number;
  hash = 0;
  fingerprint = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  take(bytes: Uint8Array, offset: number, length: number): void {
    let h = this.#seed | 0;
    let g = ~h;
    const words = length & ~3;
    for (let i = 0; i < words; i += 4) {
      const word = wordAt(bytes, offset + i);
      h = mixIn(h, word);
      g = Math.imul((g << 11) | (g >>> 21), 0x2c1b3c6d) ^ word;
    }
    if (words < length) {
      const tail = tailAt(bytes, offset + words, length - words);
      h ^= scrambled(tail);
      g = Math.imul((g << 11) | (g >>> 21), 0x2c1b3c6d) ^ tail;
    }
    this.hash = finished(h ^ length);
    this.fingerprint = finished(Math.imul(g, 0x297a2d39) ^ length) >>> 8;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function tailAt(bytes: Uint8Array, at: number, length: number): number {
  let tail = 0;
  for (let i = length - 1; i >= 0; i--) tail = (tail << 8) | bytes[at + i]!;
  return tail;
}

function scrambled(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

function mixIn(hash: number, word: number): number {
  const h = hash ^ scrambled(word);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
