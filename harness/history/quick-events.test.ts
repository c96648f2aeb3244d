import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../contract/value.ts';
import { EdnError, EdnReader } from './edn.ts';
import { ednText } from './edn-text.ts';
import { eventOf } from './formats/events.ts';
import { jsonText, parseJson } from './json.ts';
import { QuickEdn } from './quick-edn.ts';
import { QuickJson } from './quick-json.ts';
import type { QuickScanner } from './quick-scanner.ts';

/** Plain values, and some that only the exact readers may read. */
const value = fc.letrec((again) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, -1, 42, 2 ** 53, 10n ** 20n, 0.5, -0.25),
    fc.integer(),
    fc.constantFrom(':a', ':send', ':a/b', 'a', '', 'é', 'a"b', 'a\\b', ':', ': a', '#edn', '-0'),
    fc.array(again('any'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('a', '1', ':k', '#edn', '__proto__', 'type', 'é'), again('any'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).any;

const event = fc.record(
  {
    type: fc.constantFrom('invoke', 'ok', 'fail', 'info'),
    process: fc.constantFrom<unknown>(0, 3, -1, 'nemesis', 1.5, null),
    f: fc.constantFrom('read', 'write', 'txn'),
    value,
    time: fc.constantFrom<unknown>(0, 123456789, 10n ** 18n),
    key: fc.constantFrom<unknown>(1, 'k'),
    error: value,
  },
  { requiredKeys: ['type', 'f'] },
);

/** What an event becomes, or the complaint about it. */
function outcome(raw: unknown): string {
  try {
    const found = eventOf(raw, 0, 1);
    return found === undefined ? 'left out' : textOf({ ...found, value: [found.value] });
  } catch (error) {
    return String(error);
  }
}

/** Bytes changed here and there, so that lines are malformed in every way. */
const blows = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]()",: 0-.eNn#\\:;\t')), {
  maxLength: 2,
});

function changed(text: string, all: readonly (readonly [number, string])[]): string {
  let line = text;
  for (const [at, by] of all) {
    const place = at % (line.length + 1);
    line = line.slice(0, place) + by + line.slice(place + (at % 3));
  }
  return line;
}

function agrees(quick: QuickScanner, exactly: (line: string) => unknown) {
  const seen = { quick: 0, exact: 0 };
  return {
    seen,
    of(line: string) {
      const before = Buffer.from('xx');
      const bytes = Buffer.concat([before, Buffer.from(line), Buffer.from('\n{"type"')]);
      const found = quick.read(bytes, before.length, before.length + Buffer.byteLength(line));
      if (found === undefined) {
        seen.exact++;
        return;
      }
      seen.quick++;
      expect(outcome(found)).toBe(outcome(exactly(line)));
    },
  };
}

describe('quick readers', () => {
  it('read an event of JSON as the exact reader does, or give up', () => {
    const both = agrees(new QuickJson(), (line) => parseJson(line, 1));
    const spaces = fc.constantFrom<number | undefined>(undefined, 1);
    fc.assert(
      fc.property(event, blows, spaces, (one, all, space) => {
        const text = jsonText(one);
        both.of(changed(text, all));
        both.of(text.replaceAll('":', space === undefined ? '":' : '" : '));
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(both.seen.quick, both.seen.exact)).toBeGreaterThan(1000);
  });

  it('read an event of EDN as the exact reader does, or give up', () => {
    const both = agrees(new QuickEdn(), (line) => {
      const reader = new EdnReader(line);
      const found = reader.next();
      expect(reader.next()).toBeUndefined();
      return found?.form;
    });
    const asMap = (one: object) =>
      new Map(Object.entries(one).map(([name, inner]) => [`:${name}`, inner]));
    fc.assert(
      fc.property(event, blows, (one, all) => {
        const { type, f } = one;
        const text = ednText(asMap({ ...one, type: `:${type}`, f: `:${f}` }));
        both.of(text);
        both.of(changed(text, all));
      }),
      { numRuns: 5000 },
    );
    expect(Math.min(both.seen.quick, both.seen.exact)).toBeGreaterThan(1000);
  });

  it('give up where the exact reader complains', () => {
    for (const line of ['{"type":"ok","type":01}', '{"type":"ok",}', '{"type":"ok"', '{"a":-0}']) {
      expect(new QuickJson().read(Buffer.from(line), 0, line.length)).toBeUndefined();
    }
    for (const line of ['{:type :ok :type :ok}', '{:type}', '{:a {1 2 1 3}}']) {
      expect(() => new EdnReader(line).next()).toThrow(EdnError);
      expect(new QuickEdn().read(Buffer.from(line), 0, line.length)).toBeUndefined();
    }
  });
});
