import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSamples, doubledMidranks, normalTail } from './rank-test.ts';

/** Every choice of which values are the second sample, by Mann–Whitney's U counted directly. */
function bruteForce(before: readonly number[], after: readonly number[]): number {
  const all = [...before, ...after];
  const distance = (isAfter: (i: number) => boolean) => {
    let u = 0;
    for (const [i, a] of all.entries()) {
      for (const [j, b] of all.entries()) {
        if (isAfter(i) && !isAfter(j)) u += a > b ? 2 : a === b ? 1 : 0;
      }
    }
    return Math.abs(u - before.length * after.length);
  };
  const observed = distance((i) => i >= before.length);
  let [count, extreme] = [0, 0];
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const isAfter = (i: number) => ((mask >> i) & 1) === 1;
    if (all.filter((_, i) => isAfter(i)).length !== after.length) continue;
    count++;
    if (distance(isAfter) >= observed) extreme++;
  }
  return extreme / count;
}

describe("Mann–Whitney's test", () => {
  it('is the exact permutation distribution, ties and all', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sample, sample, (before, after) => {
        expect(compareSamples(before, after).p).toBeCloseTo(bruteForce(before, after), 10);
      }),
      { numRuns: 100 },
    );
  });

  it('agrees with the published table of critical values at 5 %', () => {
    // Lehmann 1975, table B; Siegel 1956, table K: the largest U that is significant, two-sided.
    for (const [size, critical] of [
      [5, 2],
      [8, 13],
      [10, 23],
      [15, 64],
      [20, 127],
    ] as const) {
      expect(probabilityOf(size, critical)).toBeLessThanOrEqual(0.05);
      expect(probabilityOf(size, critical + 1)).toBeGreaterThan(0.05);
    }
  });

  it('does not take tied values for evidence', () => {
    expect(compareSamples([1, 1, 1, 1], [1, 1, 1, 1])).toMatchObject({ p: 1, effect: 0 });
    // U is 4.5 of 16: flooring it to 4 would give 0.34.
    const p = compareSamples([1, 2, 3, 4], [2, 3, 4, 5]).p;
    expect(p).toBeCloseTo(bruteForce([1, 2, 3, 4], [2, 3, 4, 5]), 10);
  });

  it('goes over to the normal distribution with little difference', () => {
    const before = Array.from({ length: 30 }, (_, i) => i % 20);
    const after = Array.from({ length: 30 }, (_, i) => (i % 20) + 4);
    const exact = compareSamples(before, after).p;
    const normal = compareSamples([...before, 9, 10], [...after, 13]).p;
    expect(Math.abs(Math.log(normal / exact))).toBeLessThan(0.3);
    expect(normalTail(1.959964)).toBeCloseTo(0.025, 6);
  });

  it('gives tied values their mean rank', () => {
    expect(doubledMidranks([3, 1, 3, 2])).toEqual([7, 2, 7, 4]);
  });
});

/** The p of two samples without ties whose smaller U is `u`. */
function probabilityOf(size: number, u: number): number {
  const before = Array.from({ length: size }, (_, i) => i);
  // Each value of the second sample lies above `size` values of the first but for `u` inversions.
  const after = Array.from({ length: size }, (_, i) => {
    const inversions = Math.max(0, Math.min(size, u - i * size));
    return size - inversions - 0.5 + i / 1000;
  });
  return compareSamples(before, after).p;
}
