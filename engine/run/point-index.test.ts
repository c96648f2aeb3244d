import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENEMY_KEYS } from '../../harness/targets/reference-engine-enemy.ts';
import { utf8 } from '../format/bytes.ts';
import { KeyHasher } from '../format/hash.ts';
import { SecretHasher } from '../format/keyed-hash.ts';
import {
  type BuiltPoints,
  EMPTY_SLOT,
  firstSlot,
  PointIndexBuilder,
  placeBitsOf,
  slotBlock,
  slotPlace,
} from './point-index.ts';

const SEED = 9;

function built(builder: PointIndexBuilder): BuiltPoints {
  const steps = builder.build();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Where the index says a key may be: all places its probe passes with its fingerprint. */
function places(slots: Uint32Array, key: Uint8Array, placeBits: number): string[] {
  const hasher = new KeyHasher(SEED);
  hasher.take(key, 0, key.length);
  const capacity = slots.length / 2;
  const found: string[] = [];
  let slot = firstSlot(hasher.hash, capacity);
  for (let probes = 0; probes < capacity && slots[2 * slot + 1] !== EMPTY_SLOT; probes++) {
    const [high, low] = [slots[2 * slot]!, slots[2 * slot + 1]!];
    if (high >>> 8 === hasher.fingerprint) {
      found.push(`${slotBlock(high, low, placeBits)}/${slotPlace(low, placeBits)}`);
    }
    slot = slot + 1 === capacity ? 0 : slot + 1;
  }
  return found;
}

describe('the point index', () => {
  it('leads every key to its block and place, in blocks beyond 32 bits of bytes too', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.constantFrom(512, 1000, 8192, 1 << 20),
        fc.nat(2 ** 20),
        (names, blockBytes, firstBlock) => {
          const placeBits = placeBitsOf(blockBytes);
          const builder = new PointIndexBuilder(new KeyHasher(SEED), placeBits);
          const expected = names.map((name, i) => {
            const key = utf8.encode(name);
            const block = firstBlock + 37 * i;
            const place = 32 + 4 * (i % ((blockBytes - 64) >> 2));
            builder.add(key, 0, key.length, block, place);
            return { key, at: `${block}/${place}` };
          });
          const { slots } = built(builder);
          for (const { key, at } of expected) expect(places(slots, key, placeBits)).toContain(at);
        },
      ),
    );
  });

  it('fills by parts when there are many keys, and probes stay short', () => {
    const placeBits = placeBitsOf(8192);
    const builder = new PointIndexBuilder(new KeyHasher(SEED), placeBits);
    const keyOf = (i: number) => utf8.encode(`key ${i}`);
    const count = 150_000;
    for (let i = 0; i < count; i++) builder.add(keyOf(i), 0, keyOf(i).length, i, 32);
    const { slots } = built(builder);
    expect(slots.byteLength / count).toBeLessThan(10.7);
    let candidates = 0;
    for (let i = 0; i < count; i += 7) {
      const found = places(slots, keyOf(i), placeBits);
      expect(found).toContain(`${i}/32`);
      candidates += found.length;
    }
    expect(candidates / Math.ceil(count / 7)).toBeLessThan(1.001);
  });

  it('is crowded by the keys of an enemy, and not by keys by chance', () => {
    const isCrowded = (keys: readonly Uint8Array[], hasher: KeyHasher | SecretHasher) => {
      const builder = new PointIndexBuilder(hasher, placeBitsOf(8192));
      for (const [i, key] of keys.entries()) builder.add(key, 0, key.length, i, 32);
      return built(builder).isCrowded;
    };
    const count = 3000;
    for (const [kind, keysOf] of Object.entries(ENEMY_KEYS)) {
      const keys = keysOf(count, SEED);
      expect(isCrowded(keys, new KeyHasher(SEED)), kind).toBe(true);
      expect(isCrowded(keys, new SecretHasher([1, 2])), kind).toBe(false);
    }
    for (let seed = 0; seed < 20; seed++) {
      const keys = Array.from({ length: count }, (_, i) => utf8.encode(`key ${i}`));
      expect(isCrowded(keys, new KeyHasher(seed))).toBe(false);
    }
  });
});
