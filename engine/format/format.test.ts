import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignUp, compareBytes, prefixEnd, utf8 } from './bytes.ts';
import { checksum, seedOf } from './checksum.ts';
import { hashKey } from './hash.ts';
import { decodeKey, encodeKey } from './key-encoding.ts';

const number = fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
const part = fc.oneof(fc.string({ unit: 'binary' }), number);

describe('keys of several parts', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const types = parts.map((one) => typeof one as 'string' | 'number');
        expect(decodeKey(encodeKey(...parts), types)).toEqual(parts);
      }),
    );
  });

  it('sort as their parts do', () => {
    const pair = fc.tuple(fc.string({ unit: 'grapheme-ascii' }), number);
    fc.assert(
      fc.property(pair, pair, ([aText, aNumber], [bText, bNumber]) => {
        const byText = compareBytes(utf8.encode(aText), utf8.encode(bText));
        const expected = byText !== 0 ? byText : aNumber - bNumber;
        const actual = compareBytes(encodeKey(aText, aNumber), encodeKey(bText, bNumber));
        const signs = [expected, actual].map((one) => (Number.isNaN(one) ? 0 : Math.sign(one)));
        expect(signs[1]).toBe(signs[0]);
      }),
    );
  });

  it('match the worked example', () => {
    const hex = [...encodeKey('a', 1)].map((byte) => byte.toString(16).padStart(2, '0'));
    expect(hex.join(' ')).toBe('61 00 01 bf f0 00 00 00 00 00 00');
  });
});

describe('byte strings', () => {
  it('have a prefix end that is above every key with the prefix and below the rest', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.uint8Array(),
        (prefix, more) => {
          const end = prefixEnd(prefix);
          const inside = new Uint8Array([...prefix, ...more]);
          if (end === undefined) expect(prefix.every((byte) => byte === 0xff)).toBe(true);
          else expect(compareBytes(inside, end)).toBeLessThan(0);
        },
      ),
    );
  });

  it('align upwards', () => {
    expect([0, 1, 512, 513].map((size) => alignUp(size, 512))).toEqual([0, 512, 512, 1024]);
  });
});

describe('checksums and hashes', () => {
  it('differ when the same bytes lie in another place', () => {
    const bytes = utf8.encode('the same bytes');
    const at = (block: number) => checksum(bytes, 0, bytes.length, seedOf(7, block));
    expect(at(1)).not.toBe(at(2));
  });

  it('match the published vectors of MurmurHash3', () => {
    const hash = (text: string, seed: number) => {
      const bytes = utf8.encode(text);
      return hashKey(bytes, 0, bytes.length, seed);
    };
    expect(hash('', 0)).toBe(0);
    expect(hash('', 1)).toBe(0x514e28b7);
    expect(hash('Hello, world!', 0x9747b28c)).toBe(0x24884cba);
    expect(hash('aaaa', 0x9747b28c)).toBe(0x5a97808a);
  });
});
