/** Kinds of adversarial keys, for any hash function, and random keys. */
import type { Prng } from '../random/prng.ts';
import type { KeySource } from '../simulation/sim/key-enemy.ts';

/** What every store takes as a key. */
const LONG_KEY_BYTES = 60_000;
const PREFIX_BYTES = 900;

function randomBytes(random: Prng, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Distinct, for all that chance can do. */
export function keysByChance(random: Prng): KeySource {
  return (count) => Array.from({ length: count }, () => randomBytes(random, 16));
}

export function hardKeys(random: Prng): Readonly<Record<string, KeySource>> {
  return {
    'behind one long prefix': (count) =>
      Array.from({ length: count }, (_, i) => {
        const key = new Uint8Array(PREFIX_BYTES + 4).fill(7);
        new DataView(key.buffer).setUint32(PREFIX_BYTES, i);
        return key;
      }),
    'each the prefix of the next': (count) =>
      Array.from({ length: count }, (_, i) => new Uint8Array(i + 1)),
    'by chance, of all lengths': (count) =>
      Array.from({ length: count }, () => randomBytes(random, random.between(5, 400))),
  };
}

export const longKeys: KeySource = (count) =>
  Array.from({ length: count }, (_, i) => {
    const key = new Uint8Array(LONG_KEY_BYTES);
    new DataView(key.buffer).setUint32(0, i);
    return key;
  });
