import { describe, expect, it } from 'vitest';
import type { BenchOutcome } from '../harness/contract/bench-record.ts';
import { latencyOf, outcomeOf, PLAN, runOf } from './bench-fixtures.ts';
import {
  judgeThresholds,
  parseThresholds,
  type Threshold,
  thresholdsExit,
  thresholdText,
} from './thresholds.ts';

/** Latencies of 1 to 6 µs, 1000 a second. */
function exitOf(words: string, made: Partial<BenchOutcome> = {}, workloads = ['scans']): number {
  const run = runOf(
    workloads.map((workload) => outcomeOf(workload, made)),
    { plan: { ...PLAN, stores: ['engine', 'lmdb'], workloads } },
  );
  return thresholdsExit(judgeThresholds(run, parseThresholds(words)));
}

describe('thresholds', () => {
  it('are kept or crossed, by any metric and unit', () => {
    for (const [words, exit] of [
      ['p(99)<5ms', 0],
      ['p(99)<4us', 3],
      ['p(99)<=4us', 0],
      ['p(99)<4000ns', 3],
      ['p(99) < 0.0041', 0], // milliseconds, as in k6
      ['p(99.9)<5.1µs', 0],
      ['med<2us, max<6us', 3],
      ['avg>2us', 3],
      ['rate>1k', 3],
      ['rate>=1k', 0],
      ['rate>0.001M', 3],
      ['memory<100', 3],
      ['memory<=100MiB; disk<11', 0],
      ['scans: p(50)<1s', 0],
      ['scans/engine/scan: p(50)<0.5us', 3],
    ] as const) {
      expect([words, exitOf(words)]).toEqual([words, exit]);
    }
  });

  it('are unknown where nothing can be judged', () => {
    for (const words of [
      'graph: p(50)<1s',
      'scans/lmdb: p(50)<1s',
      'scans/engine/update: p(50)<1s',
      'settle<5s',
      'scans: recovery<5',
    ]) {
      expect([words, exitOf(words)]).toEqual([words, 2]);
    }
    expect(exitOf('p(50)<1s', { latency: { scan: latencyOf({ exceeds: 1 }) } })).toBe(2);
    expect(exitOf('p(50)<1s', { cutShort: true })).toBe(2);
    expect(exitOf('rate>1', { perSecond: Number.NaN })).toBe(2);
  });

  it('without a place are for every workload that has the figure', () => {
    const settled = { figures: { settleSeconds: 2 } };
    expect(exitOf('settle<3s', settled, ['scans', 'ingest-random'])).toBe(0);
    expect(exitOf('settle<1s', settled, ['scans', 'ingest-random'])).toBe(3);
    const run = runOf([outcomeOf('scans')], { plan: { ...PLAN, workloads: ['scans', 'graph'] } });
    expect(thresholdsExit(judgeThresholds(run, parseThresholds('p(50)<1s')))).toBe(2);
  });

  it('say what they were judged on', () => {
    const run = runOf([outcomeOf('scans')]);
    const [one] = judgeThresholds(run, parseThresholds('p(99)<1us'));
    expect(thresholdText(one!)).toBe(
      'threshold crossed: scans on engine: p(99)<1us, it is 4.000 µs',
    );
  });

  it('are refused when they say nothing', () => {
    const parsed = parseThresholds('a/b/c: p(95)<2ms, rate>3k;') satisfies Threshold[];
    expect(parsed).toHaveLength(2);
    expect(parsed[1]).toMatchObject({ workload: 'a', store: 'b', operation: 'c', limit: 3000 });
    for (const words of ['p(98)<1', 'speed>1', 'p(99)=1', 'p(99)<', 'rate>1ms', 'p(99)<1k', 'x:']) {
      expect(() => parseThresholds(words)).toThrow(RangeError);
    }
  });
});
