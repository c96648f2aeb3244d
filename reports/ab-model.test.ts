import { describe, expect, it } from 'vitest';
import type { AbMeasurement } from '../harness/contract/ab-record.ts';
import type { BenchOutcome } from '../harness/contract/bench-record.ts';
import { judgeAb } from './ab-model.ts';
import { abRunOf, latencyOf, type Noise, outcomeOf, simulateAb } from './bench-fixtures.ts';

const FULL_SET = { workloads: 28, pairs: 10 };
/** Single processes on an idle machine vary so in published runs; one in fifty is disturbed. */
const NOISE: Noise = { sigma: 0.03, disturbed: 0.02 };
const QUIET: Noise = { sigma: 0.03, disturbed: 0 };

function exits(runs: number, first: number, ...rest: SimulateRest) {
  const counts = [0, 0, 0];
  for (let i = 0; i < runs; i++) counts[judgeAb(simulateAb(first + i, ...rest)).exit]!++;
  return counts as [number, number, number];
}
type SimulateRest = Parameters<typeof simulateAb> extends [number, ...infer Rest] ? Rest : never;

describe('a comparison of two commits, simulated', () => {
  it('reports a regression between equal commits in at most 5 % of 400 full sets', () => {
    expect(exits(400, 1, { ...FULL_SET, pairs: 8 }, NOISE)[1]).toBeLessThanOrEqual(20);
  }, 300_000);

  it('finds 20 % in 95 % and 10 % in 80 % of full sets, and never calls the rest equal', () => {
    const of20 = exits(40, 1000, FULL_SET, NOISE, 0.2);
    expect(of20[1]).toBeGreaterThanOrEqual(38);
    const of10 = exits(40, 2000, FULL_SET, NOISE, 0.1);
    expect(of10[1]).toBeGreaterThanOrEqual(32);
    expect(of20[0] + of10[0]).toBe(0);
  }, 300_000);

  it('finds them in one workload of 28 where nothing disturbs the processes', () => {
    const one = (workload: number) => workload === 3;
    expect(exits(40, 3000, FULL_SET, QUIET, 0.2, one)[1]).toBeGreaterThanOrEqual(38);
    expect(exits(40, 4000, FULL_SET, QUIET, 0.1, one)[1]).toBeGreaterThanOrEqual(32);
  }, 300_000);

  it('says which difference would be seen, about as often as it says', () => {
    let [found, said] = [0, 0];
    const runs = 60;
    for (let i = 0; i < runs; i++) {
      const size = { workloads: 6, pairs: 10 };
      const [row] = judgeAb(simulateAb(5000 + i, size, QUIET)).rows;
      said += row!.detectable / runs;
    }
    for (let i = 0; i < runs; i++) {
      const run = simulateAb(6000 + i, { workloads: 6, pairs: 10 }, QUIET, said, (w) => w === 0);
      if (judgeAb(run).rows[0]!.adjusted <= 0.05) found++;
    }
    expect(found / runs).toBeGreaterThan(0.6);
    expect(found / runs).toBeLessThan(0.98);
  }, 120_000);
});

/** Rounds of one workload, each side as made. */
function rounds(
  pairs: number,
  make: (side: 'a' | 'b', round: number) => Partial<BenchOutcome> | string,
): AbMeasurement[] {
  return Array.from({ length: pairs }, (_, i) => i + 1).flatMap((round) =>
    (['a', 'b'] as const).map((side): AbMeasurement => {
      const made = make(side, round);
      const what =
        typeof made === 'string' ? { failure: made } : { outcome: outcomeOf('scans', made) };
      return { side, round, workload: 'scans', ...what };
    }),
  );
}

/** Rates that hardly vary. */
const steady = (round: number) => ({ perSecond: 1000 + round });

describe('the verdict of a comparison', () => {
  it('is 0 where nothing differs and every difference would have been seen', () => {
    const verdict = judgeAb(
      abRunOf(
        rounds(10, (_side, round) => steady(round)),
        10,
      ),
    );
    expect(verdict).toMatchObject({ exit: 0, reason: expect.stringContaining('not worse in any') });
    expect(verdict.rows.every((row) => row.verdict === 'no difference')).toBe(true);
    expect(verdict.rows.map(({ what }) => what)).toEqual([
      'scans/s',
      'scans/CPU s',
      'scan p50 µs',
      'scan p95 µs',
      'scan p99 µs',
      'scan p99.9 µs',
      'memory MiB',
      'disk MiB',
    ]);
  });

  it('is 1 for any figure that became worse, and 0 for one that became better', () => {
    const worse: Partial<BenchOutcome>[] = [
      { perSecond: 800 },
      { perCpuSecond: 800 },
      { latency: { scan: latencyOf({ p99: 5 }) } },
      { latency: { scan: latencyOf({ p999: 7 }) } },
      { usage: { ...outcomeOf('').usage, rssMaxMiB: 120 } },
      { diskMiB: 12 },
      { figures: { settleSeconds: 3 } },
    ];
    for (const made of worse) {
      const base = { figures: { settleSeconds: 2 }, perSecond: 1000 };
      const of = (bad: 'a' | 'b') =>
        judgeAb(
          abRunOf(
            rounds(10, (side) => (side === bad ? { ...base, ...made } : base)),
            10,
          ),
        );
      expect([made, of('b').exit]).toEqual([made, 1]);
      expect([made, of('a').exit]).toEqual([made, 0]);
      expect(of('a').rows.some(({ verdict }) => verdict === 'better')).toBe(true);
    }
    const recovery = (side: string) => ({
      figures: { firstReadSeconds: side === 'b' ? 0.3 : 0.2 },
    });
    const verdict = judgeAb(abRunOf(rounds(10, recovery), 10));
    expect(verdict.reason).toContain('recovery');
  });

  it('is 2 where the difference could have been missed, and says which would be seen', () => {
    const few = judgeAb(
      abRunOf(
        rounds(3, (_side, round) => steady(round)),
        3,
      ),
    );
    expect(few).toMatchObject({ exit: 2, reason: expect.stringContaining('too few pairs') });
    const noisy = judgeAb(
      abRunOf(
        rounds(10, (side, round) => ({
          perSecond: side === 'a' ? 1000 : 1000 + 90 * ((round % 5) - 2),
        })),
        10,
      ),
    );
    expect(noisy).toMatchObject({
      exit: 2,
      reason: expect.stringMatching(/seen from [\d.]+ % on/),
    });
  });

  it('is 1 when only B crashes or reads wrong values, and 2 when A does', () => {
    for (const [made, word] of [
      ['Error: segmentation', 'crashed: Error: segmentation'],
      [{ wrong: 3 }, 'read values that were never written'],
    ] as const) {
      const of = (bad: (side: string) => boolean) =>
        judgeAb(
          abRunOf(
            rounds(8, (side, r) => (bad(side) && r === 2 ? made : steady(r))),
            8,
          ),
        );
      expect(of((side) => side === 'b')).toMatchObject({ exit: 1 });
      expect(of((side) => side === 'b').reason).toContain(word);
      expect(of((side) => side === 'a')).toMatchObject({ exit: 2 });
      expect(of(() => true)).toMatchObject({ exit: 2 });
    }
  });

  it('is 2 for what was cut short, overflowed, went missing or was never there', () => {
    const of = (made: Partial<BenchOutcome>) =>
      judgeAb(
        abRunOf(
          rounds(8, (side, r) => (side === 'b' && r === 2 ? made : steady(r))),
          8,
        ),
      );
    expect(of({ cutShort: true })).toMatchObject({ exit: 2 });
    expect(of({ latency: { scan: latencyOf({ exceeds: 1 }) } }).reason).toContain('histogram');
    expect(judgeAb(abRunOf([], 8))).toMatchObject({ exit: 2, reason: 'nothing could be compared' });
    const all = rounds(8, (_side, r) => steady(r));
    const run = abRunOf(all.slice(0, -1), 8);
    expect(judgeAb(run)).toMatchObject({
      exit: 2,
      reason: expect.stringContaining('7 of 8 pairs'),
    });
    const older = {
      ...abRunOf(all, 8),
      notCompared: [{ workload: 'graph', missingIn: 'b' as const }],
    };
    expect(judgeAb(older).reason).toContain('graph is not there in bbbb');
  });
});
