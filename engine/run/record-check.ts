/**
 * The check of one record, so that a record can be read without its block: MurmurHash3 (x86, 32 bit;
 * Appleby 2011) over the record's words, seeded with its run and block as the block's own checksum is.
 *
 * Each step is a bijection of the hash so far, and of the word: a change within one word is always
 * seen, any other is missed once in 2^32. A record that does not pass is read again with its block,
 * whose CRC decides. CRC-32 would cost a call out of JavaScript for each record, three times as much.
 */

/** Stored behind each record, from format 4 on. */
export const RECORD_CHECK_BYTES = 4;
/** Longer records are read with their block; their check is zero. */
export const CHECKED_MAX_BYTES = 4096;

/** The check of the record in `words[first, end)`, padding included. `seed`: see `blockSeed`. */
export function recordCheck(words: Uint32Array, first: number, end: number, seed: number): number {
  if (4 * (end - first) > CHECKED_MAX_BYTES) return 0;
  let h = seed | 0;
  for (let i = first; i < end; i++) {
    let k = Math.imul(words[i]!, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
