import { describe, expect, it } from 'vitest';
import { type AbVerdict, judgeAb } from '../../reports/ab-model.ts';
import { simulateAb } from '../../reports/bench-fixtures.ts';
import { judgeCheck, plantedPercents, selfCheck } from './bench-ab-check.ts';

const base = judgeAb(simulateAb(1, { workloads: 1, pairs: 8 }, { sigma: 0.01, disturbed: 0 }));
/** `counts`: comparisons that exit 0, 1 and 2. */
const exits = (...counts: [zero: number, one: number, two: number]): AbVerdict[] =>
  counts.flatMap((count, exit) =>
    Array.from({ length: count }, () => ({ ...base, exit: exit as 0 | 1 | 2 })),
  );

describe('the self-check of a comparison', () => {
  it('allows false alarms in one of twenty, and needs its power where it was planted', () => {
    const judge = (slowPercent: number, ...counts: Parameters<typeof exits>) =>
      judgeCheck([{ slowPercent, verdicts: exits(...counts) }]).exit;
    expect(judge(0, 20, 2, 18)).toBe(0);
    expect(judge(0, 20, 3, 17)).toBe(1);
    expect(judge(20, 0, 38, 2)).toBe(0);
    expect(judge(20, 0, 37, 3)).toBe(2);
    expect(judge(20, 1, 39, 0)).toBe(1);
    expect(judge(10, 0, 32, 8)).toBe(0);
    expect(judge(10, 0, 31, 9)).toBe(2);
    expect(judge(10, 1, 39, 0)).toBe(1);
    expect(judge(5, 0, 0, 40)).toBe(0); // below the smallest bar only calling it equal is wrong
    const two = [
      { slowPercent: 20, verdicts: exits(0, 1, 9) },
      { slowPercent: 0, verdicts: exits(0, 2, 8) },
    ];
    expect(judgeCheck(two)).toEqual({ exit: 1, reason: expect.stringContaining('2 of 10') });
  });

  it('takes turns, and ends where it is interrupted', async () => {
    const asked: string[] = [];
    const run = async (slowPercent: number, trial: number) => {
      asked.push(`${slowPercent}/${trial}`);
      return asked.length === 4 ? undefined : base;
    };
    expect(await selfCheck([0, 20], 9, run)).toBeUndefined();
    expect(asked).toEqual(['0/1', '20/1', '0/2', '20/2']);
  });

  it('takes per cents by commas', () => {
    expect(plantedPercents('0,10,20')).toEqual([0, 10, 20]);
    for (const words of ['', '0,,1', '-1', '10%', '20,20', '1001', '1.5']) {
      expect(() => plantedPercents(words)).toThrow('--plant');
    }
  });
});
