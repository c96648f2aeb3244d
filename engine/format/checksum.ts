/**
 * CRC-32 with a seed. The seed is made of the place where the bytes belong, so bytes that are
 * whole but lie in the wrong place (a recycled segment, a misdirected block) do not pass.
 *
 * `zlib.crc32`, and zstd where blocks are packed, are the only `node:` imports of the engine's core:
 * pure functions, no effects.
 */
import { crc32 } from 'node:zlib';

/** Mixes 32-bit words into a 32-bit seed (the finaliser of MurmurHash3, per word). */
export function seedOf(...words: readonly number[]): number {
  let hash = 0x9747b28c;
  for (const word of words) {
    hash = mix32(hash ^ (word >>> 0));
    hash = mix32(hash ^ (Math.floor(word / 4294967296) >>> 0));
  }
  return hash >>> 0;
}

/** A bijection of 32-bit words in which every input bit moves every output bit. */
export function mix32(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** CRC-32 of `bytes[start, end)`, begun at `seed`. */
export function checksum(bytes: Uint8Array, start: number, end: number, seed: number): number {
  return crc32(bytes.subarray(start, end), seed);
}
