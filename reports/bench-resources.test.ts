import { describe, expect, it } from 'vitest';
import { outcomeOf, PLAN, runOf } from './bench-fixtures.ts';
import { amplificationOf, outliersOf, RESOURCE_HEAD, resourceRows } from './bench-resources.ts';
import { benchMarkdown } from './bench-text.ts';

const { usage, job } = outcomeOf('scans');
const MIB = 2 ** 20;

describe('what stores took for a workload', () => {
  it('is bytes of the device and on disk for each byte of records', () => {
    const load = outcomeOf('ingest-random', {
      usage: { ...usage, deviceWriteMiB: 20 },
      figures: { recordsWritten: (10 * MIB) / 116, settleWriteMiB: 5, recordsLive: MIB / 116 },
      diskMiB: 3,
    });
    const { write, read, space } = amplificationOf(load);
    expect(write).toBeCloseTo(2.5);
    expect(read).toBeUndefined();
    expect(space).toBeCloseTo(3);
    const prefixed = {
      ...load,
      job: { ...job, keyOrder: 'prefixed' as const },
      figures: { recordsRead: MIB / 132 },
      usage: { ...usage, deviceReadMiB: 4 },
    };
    expect(amplificationOf(prefixed).read).toBeCloseTo(4);
    expect(amplificationOf(prefixed).write).toBeUndefined();
  });

  it('stands side by side, with medians, the longest pauses and what ran beside', () => {
    const outcomes = ['engine', 'lmdb'].flatMap((store) =>
      [1, 2, 3].map((i) =>
        outcomeOf('scans', {
          repetition: i,
          job: { ...job, store },
          usage: {
            ...usage,
            cpuSeconds: i,
            gcMs: 10 * i,
            longestGcMs: i,
            stealShare: 0.01,
            pressure: { cpu: 0.5, io: 0.25 },
            contaminated: store === 'lmdb' && i === 2,
          },
          figures: store === 'engine' ? { stallMs: 7, longestStallMs: i } : {},
        }),
      ),
    );
    const run = runOf(outcomes, { plan: { ...PLAN, stores: ['engine', 'lmdb'] } });
    const [engine, lmdb] = resourceRows(run, 'scans').map((row) =>
      Object.fromEntries(row.map((cell, i) => [`${i} ${RESOURCE_HEAD[i]}`, cell])),
    );
    expect(engine).toMatchObject({
      '1 CPU s': '2.00',
      '7 GC ms': '20',
      '8 longest': '3',
      '9 stalled ms': '7',
      '10 longest': '3',
      '12 steal': '1.0 %',
      '13 waiting for CPU': '50.0 %',
      '14 for the disk': '25.0 %',
      '16 notes': '',
    });
    expect(lmdb).toMatchObject({ '9 stalled ms': '', '16 notes': 'beside other work: 2' });
    expect(benchMarkdown(run)).toContain('beside other work: 2');
    expect(resourceRows(run, 'graph')).toEqual([]);
  });

  it('names repetitions far from the others', () => {
    const of = (...rates: number[]) =>
      outliersOf(rates.map((perSecond, i) => outcomeOf('scans', { perSecond, repetition: i + 1 })));
    expect(of(100, 101, 99, 100, 60)).toEqual(['outlier: 5 (-40 %)']);
    expect(of(100, 101, 99, 100, 95)).toEqual([]);
    expect(of(100, 120, 80, 110, 90)).toEqual([]);
    expect(of(100, 100, 10)).toEqual([]);
  });
});
