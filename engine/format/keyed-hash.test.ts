import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENEMY_KEYS } from '../../harness/targets/reference-engine-enemy.ts';
import { KeyHasher } from './hash.ts';
import { SecretHasher } from './keyed-hash.ts';

const MASK = 0xffffffffn;
const rotl = (x: bigint, bits: bigint) => ((x << bits) | (x >> (32n - bits))) & MASK;

/** HalfSipHash-c-d with 64 bits of output, as the paper's reference program has it. */
function reference(c: number, d: number, key: readonly [number, number], input: Uint8Array) {
  const [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const v = [k0, k1 ^ 0xeen, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const round = () => {
    v[0] = (v[0]! + v[1]!) & MASK;
    v[1] = rotl(v[1]!, 5n) ^ v[0]!;
    v[0] = rotl(v[0]!, 16n);
    v[2] = (v[2]! + v[3]!) & MASK;
    v[3] = rotl(v[3]!, 8n) ^ v[2]!;
    v[0] = (v[0]! + v[3]!) & MASK;
    v[3] = rotl(v[3]!, 7n) ^ v[0]!;
    v[2] = (v[2]! + v[1]!) & MASK;
    v[1] = rotl(v[1]!, 13n) ^ v[2]!;
    v[2] = rotl(v[2]!, 16n);
  };
  const padded = new Uint8Array((input.length & ~3) + 4);
  padded.set(input);
  padded[padded.length - 1] = input.length;
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    const word = BigInt(view.getUint32(at, true));
    v[3]! ^= word;
    for (let i = 0; i < c; i++) round();
    v[0]! ^= word;
  }
  v[2]! ^= 0xeen;
  for (let i = 0; i < d; i++) round();
  const low = v[1]! ^ v[3]!;
  v[1]! ^= 0xddn;
  for (let i = 0; i < d; i++) round();
  return [Number(low), Number(v[1]! ^ v[3]!)] as const;
}

describe('the keyed hash', () => {
  it('is HalfSipHash-1-3, by a reference that gives the published values of 2-4', () => {
    const published = ['218d1f59b9b83cc8', 'be552412f8387315', '064f39ef7c50eb57'];
    const hex = (length: number) => {
      const input = Uint8Array.from({ length }, (_, i) => i);
      const view = new DataView(new ArrayBuffer(8));
      const [low, high] = reference(2, 4, [0x03020100, 0x07060504], input);
      view.setUint32(0, low, true);
      view.setUint32(4, high, true);
      return Buffer.from(view.buffer).toString('hex');
    };
    expect([0, 1, 2].map(hex)).toEqual(published);
    const word = fc.nat(0xffffffff);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), word, word, (all, from, a, b) => {
        const offset = Math.min(from, all.length);
        const [low, high] = reference(1, 3, [a, b], all.slice(offset));
        const hasher = new SecretHasher([a, b]);
        hasher.take(all, offset, all.length - offset);
        expect([hasher.hash, hasher.fingerprint]).toEqual([low, high >>> 8]);
      }),
    );
  });

  it('spreads the keys of an enemy that the quick hash does not', () => {
    const distinct = (keys: readonly Uint8Array[], of: KeyHasher | SecretHasher) => {
      const found = keys.map((key) => {
        of.take(key, 0, key.length);
        return [of.hash >>> 12, of.fingerprint] as const;
      });
      return [0, 1].map((i) => new Set(found.map((pair) => pair[i])).size);
    };
    for (const [kind, keysOf] of Object.entries(ENEMY_KEYS)) {
      const keys = keysOf(1000, 77);
      expect(new Set(keys.map((key) => key.join())).size, kind).toBe(1000);
      const [hashes, fingerprints] = distinct(keys, new SecretHasher([5, 6]));
      expect(hashes, kind).toBeGreaterThan(990);
      expect(fingerprints, kind).toBeGreaterThan(990);
    }
    expect(distinct(ENEMY_KEYS['of one hash']!(1000, 77), new KeyHasher(1))[0]).toBe(1);
    expect(distinct(ENEMY_KEYS['side by side in memory']!(1000, 77), new KeyHasher(77))[0]).toBe(1);
    expect(distinct(ENEMY_KEYS['of one fingerprint']!(1000, 77), new KeyHasher(77))[1]).toBe(1);
  });
});
