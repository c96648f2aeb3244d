import { describe, expect, it } from 'vitest';
import type { BenchOutcome, BenchRun, Latency } from '../harness/contract/bench-record.ts';
import { Prng } from '../harness/random/prng.ts';
import { latencyOf, outcomeOf, runOf } from './bench-fixtures.ts';
import { benchHtml } from './bench-html.ts';
import { benchRows } from './bench-model.ts';
import { benchMarkdown } from './bench-text.ts';
import { pairedRatio } from './bootstrap.ts';
import { compareSamples } from './rank-test.ts';
import { median } from './statistics.ts';

const latency = (p99: number): Latency => latencyOf({ count: 10, p99, p999: p99, max: p99 });

function outcome(store: string, perSecond: number, more: Partial<BenchOutcome> = {}): BenchOutcome {
  const one = outcomeOf('ingest-random', {
    tuning: 'as it is <here>',
    perSecond,
    perCpuSecond: perSecond,
    latency: { batch: latency(4) },
    curve: [perSecond, perSecond],
  });
  return { ...one, job: { ...one.job, store }, ...more };
}

function run(outcomes: readonly BenchOutcome[], missing: readonly string[] = []): BenchRun {
  const one = runOf(outcomes, { missing });
  return { ...one, plan: { ...one.plan, stores: ['engine', 'slow', 'fast'] } };
}

describe('a benchmark report', () => {
  it('compares the first store with the best of the others', () => {
    const rows = benchRows(
      run([outcome('engine', 300), outcome('slow', 50), outcome('fast', 100)]),
    );
    expect(rows[0]!.best).toMatchObject({ peer: 'fast', ratio: 3 });
  });

  it('compares a peer that was cut short over the records it got to', () => {
    const own = outcome('engine', 100, { curve: [400, 400, 400, 400, 50, 50, 50, 50] });
    const peer = outcome('fast', 100, { count: 500, cutShort: true });
    const [row] = benchRows(run([own, peer]));
    expect(row!.best!.ratio).toBeCloseTo(4);
  });

  it('compares loads until they are durable, and until they are settled', () => {
    const own = outcome('engine', 1000, { figures: { settleSeconds: 3, settleCpuSeconds: 1 } });
    const peer = outcome('fast', 500, { figures: { settleSeconds: 0, settleCpuSeconds: 0 } });
    const rows = benchRows(run([own, peer]));
    expect(rows.map(({ workload, best }) => [workload, best!.ratio])).toEqual([
      ['ingest-random', 2],
      ['ingest-random, until settled', 0.25], // 1,000 in 1 + 3 seconds, against 1,000 in 1
    ]);
  });

  it('pairs repetitions, and takes latencies from all of them', () => {
    const rates = [100, 300, 200];
    const outcomes = rates.flatMap((rate, i) => [
      outcome('engine', rate, { repetition: i + 1 }),
      outcome('fast', rate / 2, { repetition: i + 1 }),
    ]);
    const pooled = { 'ingest-random/engine': { batch: latency(77) } };
    const [row] = benchRows({ ...run(outcomes), pooled });
    expect(row!.best).toMatchObject({ ratio: 2, low: 2, high: 2, pairs: 3 });
    expect(row!.rows[0]!.latency.batch!.p99).toBe(77);
    expect(row!.rows[0]!.perSecond).toBe(200);
  });

  it('says what is wrong, what is missing, and how to get it again', () => {
    const broken = run([outcome('engine', 1, { wrong: 7 })], ['scans on level: no room']);
    for (const text of [benchMarkdown(broken), benchHtml(broken)]) {
      expect(text).toMatch(/7 (WRONG VALUES|values were not)/);
      expect(text).toContain('scans on level: no room');
      expect(text).toContain('assay bench');
    }
    expect(benchHtml(broken)).toContain('as it is &lt;here&gt;');
  });

  it('draws latencies by percentile, a nine as wide as the next', () => {
    const curve = [0, 90, 99, 99.9].map((percentile, i) => [percentile, 10 ** i] as const);
    const latencyOf = { read: { ...latency(4), curve } };
    const html = benchHtml(run([outcome('engine', 300, { latency: latencyOf })]));
    expect(html).toContain('99.9 %');
    expect(html).toContain('1 ms');
    expect(html).toContain('engine read');
    const [, path] = /<path class="line" d="M([^"]+)"/.exec(
      html.slice(html.indexOf('by percentile')),
    )!;
    const xs = path!.split('L').map((point) => Number(point.split(' ')[0]));
    const gaps = xs.slice(1).map((x, i) => x - xs[i]!);
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0]!, 0);
  });
});

describe('the statistics', () => {
  it("agree with Mann and Whitney's tables", () => {
    // n = m = 5, U = 0: 2 / 252. U = 2: 8 / 252.
    expect(compareSamples([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p).toBeCloseTo(2 / 252);
    expect(compareSamples([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]).p).toBeCloseTo(8 / 252);
    expect(compareSamples([1, 2], [3, 4])).toMatchObject({ effect: 1 });
  });

  it('know medians', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it('give intervals that hold the true ratio about as often as they say', () => {
    const random = new Prng(7);
    const noise = () =>
      Math.exp(0.1 * (random.fraction() + random.fraction() + random.fraction() - 1.5));
    let held = 0;
    const trials = 100;
    for (let i = 0; i < trials; i++) {
      const own = Array.from({ length: 9 }, () => 2 * noise());
      const other = Array.from({ length: 9 }, () => noise());
      const { low, high, ratio, pairs } = pairedRatio(own, other);
      expect(low <= ratio && ratio <= high && pairs === 9).toBe(true);
      if (low <= 2 && 2 <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.88);
    expect(pairedRatio([2], [1])).toEqual({
      ratio: 2,
      low: Number.NaN,
      high: Number.NaN,
      pairs: 1,
    });
    expect(pairedRatio([2, 4, 8], [1, 1, 1])).toEqual({ ratio: 4, low: 2, high: 8, pairs: 3 });
    expect(() => pairedRatio([], [])).toThrow(RangeError);
  });
});
