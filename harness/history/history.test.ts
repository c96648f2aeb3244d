import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../contract/history.ts';
import { operationsOf } from '../contract/pairing.ts';
import { keyOf } from '../contract/value.ts';
import { jsonl } from './formats/jsonl.ts';
import { eventLine, Recorder } from './recorder.ts';
import { HistorySource } from './source.ts';

describe('the recorder', () => {
  it('keeps every event, and its lines read back as the same history', () => {
    const type = fc.constantFrom('invoke', 'ok', 'fail', 'info');
    // The recorder's values are those of workloads: numbers that JSON.stringify writes exactly.
    const value = fc.jsonValue().filter((one) => !/\d{16}|e/.test(JSON.stringify(one)));
    const event = fc.tuple(type, fc.nat(100), fc.string(), value);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), (all) => {
        let now = 0;
        const lines: string[] = [];
        const recorder = new Recorder(
          () => now++,
          (line) => lines.push(line),
        );
        for (const one of all) recorder.record(...one);
        const events = recorder.events();
        expect(events).toHaveLength(all.length);
        expect(lines).toEqual(events.map(eventLine));
        const again: HistoryEvent[] = [];
        jsonl.read(HistorySource.ofText(lines.join('')), (one) => again.push(one));
        const shown = ({ value, f, type }: HistoryEvent) => [type, f, keyOf(value)];
        expect(again.map(shown)).toEqual(events.map(shown));
      }),
    );
  });

  it('grows beyond its first size', () => {
    const recorder = new Recorder(() => 0);
    for (let i = 0; i < 5000; i++) recorder.record('invoke', i, `f${i % 3}`, i);
    expect(recorder.at(4999)).toMatchObject({ index: 4999, process: 4999, f: 'f1', value: 4999 });
  });
});

describe('pairing', () => {
  it('counts what is open at the crash as indefinite', () => {
    const recorder = new Recorder(() => 0);
    recorder.record('invoke', 0, 'add', 1);
    recorder.record('invoke', 1, 'add', 2);
    recorder.record('ok', 0, 'add', null);
    recorder.record('ok', 1, 'add', null);
    const outcomes = (limit: number) =>
      operationsOf(recorder.events(), limit).map(({ type, completedIndex }) => [
        type,
        completedIndex,
      ]);
    expect(outcomes(4)).toEqual([
      ['ok', 2],
      ['ok', 3],
    ]);
    expect(outcomes(3)).toEqual([
      ['ok', 2],
      ['info', Number.POSITIVE_INFINITY],
    ]);
    expect(outcomes(1)).toEqual([['info', Number.POSITIVE_INFINITY]]);
  });
});

describe('sources', () => {
  it('give the same lines however they are cut into pieces', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '漢', '\n', '\r', ' '),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (all, pieceBytes) => {
        const found: [string, number][] = [];
        const source = HistorySource.ofBytes(Buffer.from(all), pieceBytes);
        source.eachLine((line, number) => found.push([line, number]));
        const lines = all
          .split(all.includes('\n') ? '\n' : '\r')
          .map((line, i): [string, number] => [line.replace(/\r$/, ''), i + 1]);
        expect(found).toEqual(lines.filter(([line]) => line !== ''));
      }),
      { numRuns: 2000 },
    );
  });
});
