/**
 * Adversarial keys: an attacker knows the reference engine's source and its hash seed (hash flooding).
 *
 * MurmurHash3 is a chain of bijections, so its last word can be solved for any hash; and pairs of words
 * exist whose differences cancel under every seed (Aumasson and Bernstein, 2012). The attacker does not
 * know the store's hash secret.
 */
const inverse = (odd: number): number => {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
};
const rotated = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

const scrambled = (word: number) => Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
const unscrambled = (word: number) =>
  Math.imul(rotated(Math.imul(word, inverse(0x1b873593)), 17), inverse(0xcc9e2d51));

const mixedIn = (hash: number, word: number) =>
  (Math.imul(rotated(hash ^ scrambled(word), 13), 5) + 0xe6546b64) | 0;
/** The word that takes `hash` to `target`. */
const wordBetween = (hash: number, target: number) =>
  unscrambled(rotated(Math.imul(target - 0xe6546b64, inverse(5)), 19) ^ hash);

function unfinished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), inverse(0xc2b2ae35));
  h = Math.imul(h ^ (h >>> 13) ^ (h >>> 26), inverse(0x85ebca6b));
  return h ^ (h >>> 16);
}

const keyOf = (words: readonly number[]) => new Uint8Array(Int32Array.from(words).buffer);

/** 2 ** `pairs` keys with equal hashes under every seed. */
function sameHash(count: number): Uint8Array[] {
  const pairs = Math.max(1, Math.ceil(Math.log2(count)));
  return Array.from({ length: count }, (_, i) => {
    const bits = Array.from({ length: pairs }, (_pair, p) => (i >> p) & 1);
    return keyOf(bits.flatMap((on) => [unscrambled(on << 18), unscrambled(on << 31)]));
  });
}

/**
 * Keys with hashes 0, `step`, …; the second half repeats the hashes of the first, so lookups of it must
 * probe past the whole cluster.
 */
function hashesInARow(count: number, seed: number, step: number): Uint8Array[] {
  const row = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, i) => {
    const before = mixedIn(seed, i);
    return keyOf([i, wordBetween(before, unfinished(((i % row) * step) | 0) ^ 8)]);
  });
}

/** Keys with equal fingerprints (the second hash, which distinguishes keys in one slot). */
function sameFingerprint(count: number, seed: number): Uint8Array[] {
  const mixed = (hash: number, word: number) => Math.imul(rotated(hash, 11), 0x2c1b3c6d) ^ word;
  return Array.from({ length: count }, (_, i) => keyOf([i, mixed(mixed(~seed, i), 0)]));
}

/** Each kind of adversarial keys, given the store's hash seed. */
export const ENEMY_KEYS: Readonly<
  Record<string, (count: number, seed: number) => readonly Uint8Array[]>
> = {
  'of one hash': (count) => sameHash(count),
  'side by side in memory': (count, seed) => hashesInARow(count, seed, 1),
  'side by side in a run': (count, seed) =>
    hashesInARow(count, seed, Math.floor((0.75 * 2 ** 33) / count)),
  'of one fingerprint': sameFingerprint,
};
