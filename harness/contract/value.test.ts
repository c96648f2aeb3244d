/** Values and numbers of histories: equal by value, never rounded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareExact, decimalOf, exact, parseDecimal, Ratio, sumOf } from './exact-number.ts';
import { entriesOf, isSameValue, keyOf, Tagged, textOf } from './value.ts';

const numbers = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    fc.bigInt({ min: 1n, max: 10n ** 12n }),
  )
  .map(([above, below]) => ({ above, below, value: exact(above, below) }));

describe('exact numbers', () => {
  it.each<[string, unknown]>([
    ['9007199254740993', 9007199254740993n],
    ['9007199254740991', 9007199254740991],
    ['-0', 0],
    ['42.0', 42],
    ['1e3', 1000],
    ['1e30', 10n ** 30n],
    ['1.5E+22', 15n * 10n ** 21n],
    ['-1e16', -(10n ** 16n)],
    ['0.10', 0.1],
    ['12345678901234567.5', new Ratio(24691357802469135n, 2n)],
    ['0.1000000000000000055', new Ratio(200000000000000011n, 2000000000000000000n)],
    ['1e999999', undefined],
    ['0x10', undefined],
  ])('%s is held as it is, or refused', (text, value) => {
    expect(parseDecimal(text)).toEqual(value);
  });

  it('have one form each, whatever they were made from', () => {
    fc.assert(
      fc.property(numbers, fc.bigInt({ min: 1n, max: 1000n }), ({ above, below, value }, by) => {
        expect(keyOf(exact(above * by, below * by))).toBe(keyOf(value));
        const decimal = decimalOf(value);
        if (decimal !== undefined) expect(keyOf(parseDecimal(decimal))).toBe(keyOf(value));
      }),
    );
  });

  it('are ordered and added as fractions are', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const difference = a.above * b.below - b.above * a.below;
        expect(Math.sign(compareExact(a.value, b.value))).toBe(Math.sign(Number(difference)));
        const sum = exact(a.above * b.below + b.above * a.below, a.below * b.below);
        expect(keyOf(sumOf(a.value, b.value))).toBe(keyOf(sum));
      }),
    );
    expect(sumOf(0.1, 0.2)).toBe(0.3);
  });

  it('a number stands for the decimal that it prints as', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 }), (value) => {
        expect(keyOf(parseDecimal(String(value)))).toBe(keyOf(value));
      }),
    );
  });
});

describe('values', () => {
  const different = [
    9,
    '9',
    ':9',
    'a',
    ':a',
    ['a'],
    new Set(['a']),
    null,
    true,
    'true',
    'null',
    '[1]',
    [1],
    '\u0000[1]',
    new Tagged('symbol', 'a'),
    new Tagged('character', 'a'),
    new Tagged('text', ':a'),
    {},
    [],
    new Map([[9, 1]]),
    new Map([['9', 1]]),
    new Map([[':9', 1]]),
    new Tagged('inst', '9'),
  ]; // prettier-ignore

  it('of different kinds are different', () => {
    const keys = new Set(different.map(keyOf));
    expect(keys.size).toBe(different.length);
  });

  it('are equal whatever the order of maps and sets, nested ones too', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('set'), tie('map')),
      list: fc.array(tie('any'), { maxLength: 4 }),
      set: fc.array(tie('any'), { maxLength: 4 }).map((all) => new Set(all)),
      map: fc.array(fc.tuple(leaf, tie('any')), { maxLength: 4 }).map((all) => new Map(all)),
    })).any;
    const reversed = (one: unknown): unknown => {
      if (Array.isArray(one)) return one.map(reversed);
      if (one instanceof Set) return new Set([...one].reverse().map(reversed));
      if (one instanceof Map) return new Map([...one].reverse().map(([k, v]) => [k, reversed(v)]));
      return one;
    };
    fc.assert(
      fc.property(value, (one) => {
        expect(isSameValue(one, reversed(one))).toBe(true);
        expect(textOf(reversed(one))).toBe(textOf(one));
      }),
    );
  });

  it('an object of JSON is the map with its texts as keys', () => {
    const object = { b: [1], a: { c: null } };
    expect(isSameValue(object, new Map(entriesOf(object)!))).toBe(true);
    expect(isSameValue(object, { ...object, b: [2] })).toBe(false);
  });
});
