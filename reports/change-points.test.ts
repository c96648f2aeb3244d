import { describe, expect, it } from 'vitest';
import { Prng } from '../harness/random/prng.ts';
import { changePoints, SEGMENT_MIN, studentTail } from './change-points.ts';

/** Logarithms of a figure that varies by 3 %, from `at` on by `step` more. */
function series(seed: number, length: number, at = length, step = 0): number[] {
  const random = new Prng(seed).derive('series');
  const uniform = () => (random.nextUint32() + 0.5) / 2 ** 32;
  return Array.from({ length }, (_, i) => {
    const noise = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return 7 + 0.03 * noise + (i >= at ? step : 0);
  });
}

describe('change points', () => {
  it('are found in at most 5 % of steady series', () => {
    let found = 0;
    for (let seed = 0; seed < 400; seed++) {
      if (changePoints(series(seed, 8 + (seed % 40)), { threshold: 0 }).length > 0) found++;
    }
    expect(found).toBeLessThanOrEqual(20);
  });

  it('are found where a step of 20 % was planted, as soon as three points are behind it', () => {
    let found = 0;
    for (let seed = 0; seed < 100; seed++) {
      const at = 12 + (seed % 20);
      const values = series(seed, at + SEGMENT_MIN, at, seed % 2 === 0 ? 0.18 : -0.22);
      const points = changePoints(values, { threshold: 0.05, series: 20 });
      if (points.some((point) => Math.abs(point.at - at) <= 1)) found++;
    }
    expect(found).toBeGreaterThanOrEqual(95);
  });

  it('are found one after the other, and where the level returns', () => {
    const values = [...series(1, 20), ...series(2, 15).map((v) => v + 0.3), ...series(3, 15)];
    const points = changePoints(values, { threshold: 0.05 });
    expect(points.map(({ at }) => at)).toEqual([20, 35]);
    expect(points.map(({ by }) => Math.sign(by))).toEqual([1, -1]);
  });

  it('are no single outliers, no small steps, and none of too few points', () => {
    const outlier = series(4, 30).map((value, i) => (i === 17 ? value + 1 : value));
    expect(changePoints(outlier, { threshold: 0.05 })).toEqual([]);
    expect(changePoints(series(5, 40, 20, 0.1), { threshold: 0.15 })).toEqual([]);
    expect(changePoints([1, 1, 9, 9, 9], { threshold: 0.05 })).toEqual([]);
    expect(changePoints([], { threshold: 0.05 })).toEqual([]);
    const constant = Array.from({ length: 20 }, (_, i) => (i < 10 ? 1 : 1.2));
    expect(changePoints(constant, { threshold: 0.05 }).map(({ at }) => at)).toEqual([10]);
    expect(changePoints(Array(20).fill(1), { threshold: 0 })).toEqual([]);
  });
});

describe("Student's distribution", () => {
  it('has the quantiles of published tables', () => {
    // 2.5 % and 0.05 % points.
    for (const [freedom, low, high] of [
      [1, 12.706, 636.62],
      [5, 2.5706, 6.8688],
      [10, 2.2281, 4.5869],
      [30, 2.0423, 3.646],
      [120, 1.9799, 3.3735],
    ] as const) {
      expect(studentTail(low, freedom) / 0.025).toBeCloseTo(1, 3);
      expect(studentTail(high, freedom) / 0.0005).toBeCloseTo(1, 3);
    }
    expect(studentTail(0, 7)).toBeCloseTo(0.5, 10);
  });
});
