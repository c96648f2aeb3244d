import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdnError, EdnReader } from './edn.ts';
import { detectFormat, FormatError, HistorySource, readHistory } from './read-history.ts';

const one = (text: string) => new EdnReader(text).next()?.form;

describe('EDN', () => {
  it.each<[string, unknown]>([
    ['nil', null],
    ['[true false]', [true, false]],
    ['(1 -2 +3 1.5 2e3 7N 0.5M 1/4)', [1, -2, 3, 1.5, 2000, 7, 0.5, 0.25]],
    ['"a\\n\\"b\\" \\u0041"', 'a\n"b" A'],
    ['[\\a \\newline]', ['a', '\n']],
    ['{:type :ok, "k" 1}', { type: 'ok', k: 1 }],
    ['#{1 2}', [1, 2]],
    ['#jepsen.history.Op{:index 1}', { index: 1 }],
    ['#inst "2026"', '2026'],
    ['; a comment\n#_ {:left out} [1 #_2 3]', [1, 3]],
    [':some.ns/name', 'some.ns/name'],
    ['symbol', 'symbol'],
  ])('reads %s', (text, value) => {
    expect(one(text)).toEqual(value);
  });

  it.each(['[1 2', '{:a}', '"open', ')', '[1 }', '#_', '1x2', '"\\q"', '[[[', '{:a 1'])(
    'refuses %s with its place',
    (text) => {
      expect(() => one(text)).toThrow(EdnError);
      expect(() => one(text)).toThrow(/line \d+, column \d+/);
    },
  );

  it('ends on any text, with a form or an error', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'[](){}#_":;\\ ,1a\n'), maxLength: 60 });
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
    ['invoke', 0, [['r', 'x', null]]],
    ['ok', 0, [['r', 'x', [1]]]],
  ];

  it.each([
    '{:process 0, :type :invoke, :value [[:r :x nil]]}\n{:value [[:r :x [1]]] :type :ok :process 0}\n{:process :nemesis :type :info :value nil}',
    '[{:process 0, :type :invoke, :value [[:r :x nil]]} {:value [[:r :x [1]]] :type :ok :process 0}]',
    '{"process":0,"type":"invoke","value":[["r","x",null]]}\n\n{"type":"ok","process":0,"value":[["r","x",[1]]]}\n',
    '[{"process":0,"type":"invoke","value":[["r","x",null]]},{"type":"ok","process":0,"value":[["r","x",[1]]]}]',
  ])('are found out by their content: %s', (text) => {
    expect(events(text)).toEqual(expected);
  });

  it.each([
    ['{"type":"ok"', /line 1, column 13: not JSON/],
    ['{"type":"ok","process":0}\n{"type":"maybe","process":1}', /line 2: type is "maybe"/],
    ['{"type":"ok","process":1.5}', /line 1: process is 1.5/],
    ['\n{"type":"ok"}', /line 2: process is undefined/],
    ['{:type :ok :process nil}', /process is null/],
    ['[1 2]', /no format known/],
    ['[{:type :ok :process 0} 2]', /line 1: an event is a map/],
  ])('that are malformed are refused: %s', (text, message) => {
    expect(() => events(text)).toThrow(message);
    expect(() => events(text)).toThrow(FormatError);
  });
});
