/**
 * Hash of a key, with a seed drawn once per store so that no key set is slow on every store.
 * MurmurHash3 (x86, 32 bit; Appleby 2011) over the whole key.
 */
export function hashKey(bytes: Uint8Array, offset: number, length: number, seed: number): number {
  let h = seed | 0;
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) {
    const p = offset + i;
    let k = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
    k = Math.imul(k, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = length - 1; i >= words; i--) tail = (tail << 8) | bytes[offset + i]!;
  if (words < length) {
    tail = Math.imul(tail, 0xcc9e2d51);
    tail = (tail << 15) | (tail >>> 17);
    h ^= Math.imul(tail, 0x1b873593);
  }
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A second, independent hash of the same key: the fingerprint kept in index slots. */
export function fingerprintKey(
  bytes: Uint8Array,
  offset: number,
  length: number,
  seed: number,
): number {
  return hashKey(bytes, offset, length, seed ^ 0x5bd1e995);
}
