import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact, Ratio } from '../contract/exact-number.ts';
import { isKeyword, keyOf, Tagged, textOf } from '../contract/value.ts';
import { EdnError, EdnReader } from './edn.ts';
import { ednText } from './edn-text.ts';
import { jsonText, parseJson } from './json.ts';
import { detectFormat, FormatError, HistorySource, readHistory } from './read-history.ts';

const one = (text: string) => new EdnReader(text).next()?.form;

describe('EDN', () => {
  const character = (text: string) => new Tagged('character', text);

  it.each<[string, unknown]>([
    ['nil', null],
    ['[true false]', [true, false]],
    ['(1 -2 +3 1.5 2e3 7N 0.5M 1/4 2/4 -0)', [1, -2, 3, 1.5, 2000, 7, 0.5, 0.25, 0.5, 0]],
    ['[0x7f 017 2r101 36rZ -0x10 +0xffN]', [127, 15, 5, 35, -16, 255]],
    ['9007199254740993', 9007199254740993n],
    ['1/3', new Ratio(1n, 3n)],
    ['1461000000000000000.0000000001M', new Ratio(14610000000000000000000000001n, 10n ** 10n)],
    ['[##Inf ##-Inf ##NaN]', [Infinity, -Infinity, NaN]],
    [String.raw`"a\n\"b\" \u0041\b\f\101"`, 'a\n"b" A\b\fA'],
    ['":a"', new Tagged('text', ':a')],
    [String.raw`[\a \newline \u00e9 \o101 \( \"]`, ['a', '\n', 'é', 'A', '(', '"'].map(character)],
    ['[\\a\\b \\a[]]', [character('a'), character('b'), character('a'), []]],
    [
      '{:type :ok, "k" 1, 9 [2], [1] nil}',
      new Map<unknown, unknown>([
        [':type', ':ok'],
        ['k', 1],
        [9, [2]],
        [[1], null],
      ]),
    ],
    ['#{1 #{2}}', new Set([1, new Set([2])])],
    ['#jepsen.history.Op{:index 1}', new Tagged('jepsen.history.Op', new Map([[':index', 1]]))],
    ['#inst "2026"', new Tagged('inst', '2026')],
    ['#jepsen.independent/Tuple [1 2]', [1, 2]],
    [
      '#ordered/map ([:b 1] [:a 2])',
      new Map([
        [':b', 1],
        [':a', 2],
      ]),
    ],
    [
      '#:db{:id 1, :_/x 2, :n/y 3, "z" 4}',
      new Map<unknown, number>([
        [':db/id', 1],
        [':x', 2],
        [':n/y', 3],
        ['z', 4],
      ]),
    ],
    ['^:private ^{:doc "x"} [1]', [1]],
    [String.raw`#"a\d+\"b"`, new Tagged('regex', String.raw`a\d+\"b`)],
    ['; a comment\n#_ {:left out} [1 #_2 3 #_ #_ 4 5 6]', [1, 3, 6]],
    ['#! a script\r[1 ; to the end\r 2]', [1, 2]],
    [':some.ns/name', ':some.ns/name'],
    ['symbol', new Tagged('symbol', 'symbol')],
    ["a'b#c", new Tagged('symbol', "a'b#c")],
    [
      '#object[java.io.File 0x49491626 "/x"]',
      new Tagged('object', [new Tagged('symbol', 'java.io.File'), 0x49491626, '/x']),
    ],
  ])('reads %s', (text, value) => {
    expect(one(text)).toEqual(value);
  });

  it('writes what it reads back', () => {
    const leaf = fc.oneof(
      fc.bigInt().map((value) => exact(value)),
      fc.tuple(fc.bigInt(), fc.bigInt({ min: 1n })).map(([above, below]) => exact(above, below)),
      fc.double(),
      fc.string({ unit: 'binary' }).filter((text) => !isKeyword(text)),
      fc.constantFrom(':a', ':b/c', null, true, false),
      fc.string({ minLength: 1, maxLength: 1 }).map(character),
      fc.constantFrom(
        new Tagged('symbol', 'x/y'),
        new Tagged('text', ':a'),
        new Tagged('inst', '1'),
      ),
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('set'), tie('map')),
      list: fc.array(tie('any'), { maxLength: 4 }),
      set: fc.uniqueArray(tie('any'), { maxLength: 4, selector: keyOf }).map((all) => new Set(all)),
      map: fc
        .uniqueArray(fc.tuple(tie('any'), tie('any')), {
          maxLength: 4,
          selector: ([key]) => keyOf(key),
        })
        .map((all) => new Map(all as [unknown, unknown][])),
    })).any;
    fc.assert(
      fc.property(value, (written) => {
        expect(textOf(one(ednText(written)))).toBe(textOf(written));
        expect(textOf(parseJson(jsonText(written), 1))).toBe(textOf(written));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '[1 2',
    '{:a}',
    '"open',
    ')',
    '[1 }',
    '#_',
    '1x2',
    '"\\q"',
    '[[[',
    '{:a 1',
    '08',
    '1/0',
    '1e9999999',
    '\\foo',
    "'x",
    '@x',
    '#{1 1}',
    '#{[1] [1]}',
    '{:a 1 :a 2}',
    '{[1] 1 [1] 2}',
    '##Foo',
    '#:a[1]',
    '#(inc 1)',
    '#=(x)',
    '"\\u12"',
    ':',
    '#"open',
    '^:a',
    '1.5N',
  ])('refuses %s with its place', (text) => {
    expect(() => one(text)).toThrow(EdnError);
    expect(() => one(text)).toThrow(/line \d+, column \d+/);
  });

  it('ends on any text, with a form or an error', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'[](){}#_":;\\ ,1a/^u0\n'), maxLength: 60 });
    fc.assert(
      fc.property(noise, (text) => {
        const reader = new EdnReader(text);
        try {
          while (reader.next() !== undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(EdnError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does not overflow on deep nesting', () => {
    expect(() => one('['.repeat(100_000))).toThrow('nested deeper');
  });
});

describe('histories', () => {
  const events = (text: string) => {
    const found: unknown[] = [];
    const source = HistorySource.ofText(text);
    readHistory(source, detectFormat(source), ({ type, process, value }) => {
      found.push([type, process, value]);
    });
    return found;
  };
  const expected = [
    ['invoke', 0, [['r', ':x', null]]],
    ['ok', 0, [['r', ':x', [1]]]],
  ];

  it.each([
    '{:process 0, :type :invoke, :value [[:r :x nil]]}\n{:value [[:r :x [1]]] :type :ok :process 0}\n{:process :nemesis :type :info :value nil}',
    '[{:process 0, :type :invoke, :value [[:r :x nil]]} {:value [[:r :x [1]]] :type :ok :process 0}]',
    '{"process":0,"type":"invoke","value":[["r",":x",null]]}\n\n{"type":"ok","process":0,"value":[["r",":x",[1]]]}\n',
    '[{"process":0,"type":"invoke","value":[["r",":x",null]]},{"type":"ok","process":0,"value":[["r",":x",[1]]]}]',
  ])('are found out by their content: %s', (text) => {
    expect(events(text)).toEqual(expected);
  });

  it.each([
    ['{"type":"ok"', /line 1, column 13: not JSON/],
    ['{"type":"ok","process":0}\n{"type":"maybe","process":1}', /line 2: type is "maybe"/],
    ['{"type":"ok","process":1.5}', /line 1: process is 1.5/],
    ['\n{"type":"ok"}', /line 2: no process, and no open invocation asked for the same/],
    ['{:type :ok :process nil}', /process is null/],
    ['[1 2]', /no format known/],
    ['[{:type :ok :process 0} 2]', /line 1: an event is a map/],
  ])('that are malformed are refused: %s', (text, message) => {
    expect(() => events(text)).toThrow(message);
    expect(() => events(text)).toThrow(FormatError);
  });
});
