import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../format/bytes.ts';
import { WriteSet } from './write-set.ts';

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : utf8.decode(bytes));

describe('a write set', () => {
  it('holds the last write of each key, be they few or many (property)', () => {
    const write = fc.record({ key: fc.nat(30), value: fc.option(fc.string({ maxLength: 5 })) });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 80 }), (writes) => {
        const set = new WriteSet(1 << 20);
        const expected = new Map<string, string | null>();
        for (const { key, value } of writes) {
          const name = `key ${key}`;
          set.set(utf8.encode(name), value === null ? undefined : utf8.encode(value));
          expected.set(name, value);
        }
        expect(set.size).toBe(expected.size);
        for (let key = 0; key <= 30; key++) {
          const found = set.get(utf8.encode(`key ${key}`));
          const value = found === null ? null : found === undefined ? undefined : text(found);
          expect(value).toBe(expected.get(`key ${key}`));
        }
        expect(Array.from(set.keys(), text).sort()).toEqual([...expected.keys()].sort());
        for (const reverse of [false, true]) {
          const bounds = { from: undefined, to: undefined, reverse, limit: 100 };
          const records: unknown[] = [];
          for (const pending = set.within(bounds); pending.valid; pending.next()) {
            const { key, value } = pending;
            if (value !== undefined) records.push([text(key), text(value)]);
          }
          const puts = [...expected].filter(([, value]) => value !== null);
          const sorted = puts.sort(([a], [b]) => (a < b ? -1 : 1));
          expect(records).toEqual(reverse ? sorted.reverse() : sorted);
        }
        const { byteLength } = set;
        const entries = set.encoded();
        expect(entries.byteLength).toBe(byteLength);
        expect(entries.count).toBe(set.size);
      }),
    );
  });
});
