/** Histories that are written in another format say the same as before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../consistency/offline/check-history.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { shrinkHistory } from '../generator/shrink.ts';
import { originText } from './origin.ts';
import { plainEvents } from './plain-events.ts';
import { detectFormat, HistorySource } from './read-history.ts';
import { WRITTEN_FORMATS, type WrittenFormat, writeEvent } from './write-history.ts';

function converted(source: HistorySource, to: WrittenFormat): HistorySource {
  const { traits, visit } = plainEvents(source, detectFormat(source));
  const lines = [originText(traits, to)];
  visit((event) => lines.push(writeEvent(event, to)));
  return HistorySource.ofText(lines.join(''));
}

const judged = (source: HistorySource) => {
  const { validity, level, report } = checkHistory(source);
  return { validity, level, levels: report?.levels.status };
};

/** Operations of a few sessions; a value is written once or is 0. */
const operations = fc.array(
  fc.record({
    f: fc.constantFrom('r', 'w'),
    key: fc.integer({ min: 1, max: 2 }),
    value: fc.integer({ min: 0, max: 3 }),
    session: fc.integer({ min: 0, max: 2 }),
    transaction: fc.integer({ min: 0, max: 1 }),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('a history in a format without real time', () => {
  it('has the same levels when it is written as JSON Lines or EDN', () => {
    fc.assert(
      fc.property(operations, fc.constantFrom(...WRITTEN_FORMATS), (all, to) => {
        const plume = all.map(
          ({ f, key, value, session, transaction }) =>
            `${f}(${key},${f === 'w' ? value + 1 : value},${session},${2 * session + transaction})`,
        );
        const source = HistorySource.ofText(`${plume.join('\n')}\n`);
        expect(judged(converted(source, to))).toEqual(judged(source));
      }),
    );
  });

  it('is of no objects that real time decides on', () => {
    const operations = [
      ['invoke', 'write', 1],
      ['ok', 'write', 1],
    ];
    const lines = operations.map(([type, f, value]) => JSON.stringify({ type, f, value }));
    const source = HistorySource.ofText(lines.join('\n'));
    expect(judged(source).validity).toBe('unknown');
    for (const to of WRITTEN_FORMATS)
      expect(judged(converted(source, to)).validity).toBe('unknown');
  });

  it('keeps the timestamps of the database', () => {
    const transaction = (sid: number, ops: unknown, sts: number, cts: number) => ({
      ...{ sid, tid: sid, ops, sts, cts },
    });
    const source = HistorySource.ofText(
      JSON.stringify([
        transaction(1, [{ t: 'w', k: 1, v: 1 }], 1, 3),
        transaction(2, [{ t: 'r', k: 1, v: 0 }], 4, 5),
      ]),
    );
    const before = judged(source);
    expect(before).toMatchObject({ validity: 'invalid', level: 'si-timestamped' });
    for (const to of WRITTEN_FORMATS) expect(judged(converted(source, to))).toEqual(before);
  });

  it('keeps a value that is initial and written by somebody', () => {
    const source = HistorySource.ofText('w(1,0,0,0)\nr(1,0,1,1)\nr(2,0,1,1)\n');
    const { visit } = plainEvents(source, detectFormat(source));
    const values: unknown[] = [];
    visit(({ type, value }) => type === 'ok' && values.push(value));
    expect(values.at(-1)).toEqual([
      ['r', 1, 0],
      ['r', 2, null],
    ]);
  });

  it('does not shrink to a fault of real time', () => {
    const source = HistorySource.ofText('r(1,1,0,0)\nw(1,1,1,1)\n');
    const { traits, visit } = plainEvents(source, detectFormat(source));
    const events: HistoryEvent[] = [];
    visit((event) => events.push(event));
    const options = { check: { workload: traits.workload }, origin: traits };
    expect(() => shrinkHistory(events, options)).toThrow('the history does not fail');
  });
});

describe('shrinking', () => {
  const text = [
    'w(1,1,0,0)\nw(2,1,0,0)\nr(1,1,1,1)\nr(2,0,1,1)', // read skew
    'r(5,0,2,2)\nw(6,1,2,2)\nr(6,0,3,3)\nw(5,1,3,3)\n', // write skew
  ].join('\n');
  const source = HistorySource.ofText(text);
  const { traits, visit } = plainEvents(source, detectFormat(source));
  const events: HistoryEvent[] = [];
  visit((event) => events.push(event));
  const keysLeft = (check: Parameters<typeof shrinkHistory>[1]['check']) => {
    const shrunk = shrinkHistory(events, {
      check: { workload: 'rw-register', ...check },
      origin: traits,
    });
    return new Set(shrunk.events.flatMap(({ value }) => (value as unknown[][]).map(([, k]) => k)));
  };

  it('keeps the level violated that it was asked for', () => {
    expect(keysLeft({ level: 'snapshot-isolation' })).toEqual(new Set([1, 2]));
    expect(() => keysLeft({ level: 'read-committed' })).not.toThrow(); // axiomatic: read skew
    expect(() => keysLeft({ level: 'read-uncommitted' })).toThrow('not at read-uncommitted');
  });
});
