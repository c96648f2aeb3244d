import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../format/bytes.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import { WriteSet } from './write-set.ts';

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : utf8.decode(bytes));

describe('a write set', () => {
  it('holds the last write of each key, be they few or many (property)', () => {
    const write = fc.record({ key: fc.nat(30), value: fc.option(fc.string({ maxLength: 5 })) });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 80 }), (writes) => {
        const set = new WriteSet();
        const expected = new Map<string, string | null>();
        for (const { key, value } of writes) {
          const name = `key ${key}`;
          set.set(utf8.encode(name), value === null ? undefined : utf8.encode(value));
          expected.set(name, value);
        }
        expect(set.size).toBe(expected.size);
        for (let key = 0; key <= 30; key++) {
          const found = set.get(utf8.encode(`key ${key}`));
          expect(found === undefined ? undefined : text(found.value)).toBe(
            expected.get(`key ${key}`),
          );
        }
        expect(Array.from(set.keys, text)).toEqual([...expected.keys()]);
        const batch = new WriteBatch();
        set.encodeInto(batch);
        expect(batch.byteLength).toBe(set.byteLength);
        expect(batch.count).toBe(set.size);
        expect(batch.onlyDeletes).toBe(set.onlyDeletes);
        const laid = [...set.over([], {})].map(({ key, value }) => [text(key), text(value)]);
        const puts = [...expected].filter(([, value]) => value !== null);
        expect(laid).toEqual(puts.sort(([a], [b]) => (a < b ? -1 : 1)));
      }),
    );
  });
});
