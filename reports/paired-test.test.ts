import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedRankCritical, testPairs } from './paired-test.ts';
import { benjaminiHochberg, holm } from './statistics.ts';

const middleOf = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[sorted.length >> 1]!) / 2;
};

function clipped(row: readonly number[]): number[] {
  const sizes = row.map(Math.abs);
  const limit = middleOf(sizes) + 3 * middleOf(sizes.map((v) => Math.abs(v - middleOf(sizes))));
  return row.map((value) => Math.sign(value) * Math.min(limit, Math.abs(value)));
}

/** Sign flips written out. */
function bruteForce(of: readonly (readonly number[])[]) {
  const rows = of.map(clipped);
  const rounds = rows[0]!.length;
  const statistic = (row: readonly number[], mask: number) => {
    const flipped = row.map((value, i) => ((mask >> i) & 1 ? -value : value));
    const mean = flipped.reduce((sum, value) => sum + value, 0) / rounds;
    const squares = flipped.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return Math.abs(mean) / Math.sqrt((squares / (rounds - 1) + Math.log(1.01) ** 2) / rounds);
  };
  const masks = Array.from({ length: 2 ** rounds }, (_, mask) => mask);
  const share = (of: (mask: number) => boolean) => masks.filter(of).length / masks.length;
  const reaches = (row: readonly number[], by: readonly number[], mask: number) =>
    statistic(by, mask) >= statistic(row, 0) - 1e-9;
  const ps = rows.map((row) => share((mask) => reaches(row, row, mask)));
  const steps = rows.map((row) => {
    const rest = rows.filter((other) => statistic(other, 0) <= statistic(row, 0));
    return share((mask) => rest.some((other) => reaches(row, other, mask)));
  });
  const adjusted = rows.map((row) =>
    Math.max(...steps.filter((_, i) => statistic(rows[i]!, 0) >= statistic(row, 0))),
  );
  return { ps, adjusted };
}

const difference = fc
  .tuple(fc.double({ min: 0.01, max: 0.05, noNaN: true }), fc.boolean())
  .map(([size, isNegative]) => (isNegative ? -size : size));

describe('the test of pairs', () => {
  it('is the exact distribution over all swaps, alone and stepping down', () => {
    const rows = fc.integer({ min: 3, max: 6 }).chain((rounds) =>
      fc.array(fc.array(difference, { minLength: rounds, maxLength: rounds }), {
        minLength: 1,
        maxLength: 4,
      }),
    );
    fc.assert(
      fc.property(rows, (of) => {
        const { rows: found, method } = testPairs(of);
        const wanted = bruteForce(of);
        expect(method).toBe('exact');
        for (const [i, { p, adjusted }] of found.entries()) {
          expect(p).toBeCloseTo(wanted.ps[i]!, 10);
          expect(adjusted).toBeCloseTo(wanted.adjusted[i]!, 10);
          expect(adjusted).toBeGreaterThanOrEqual(p);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('swaps sides without effect but for the sign', () => {
    fc.assert(
      fc.property(fc.array(difference, { minLength: 2, maxLength: 9 }), (row) => {
        const [one] = testPairs([row]).rows;
        const [other] = testPairs([row.map((value) => -value)]).rows;
        expect(other!.p).toBeCloseTo(one!.p, 10);
        expect(other!.estimate).toBeCloseTo(-one!.estimate, 10);
        expect(other!.low).toBeCloseTo(-one!.high, 10);
        expect(one!.low).toBeLessThanOrEqual(one!.estimate);
      }),
    );
  });

  it('finds what eleven of eleven pairs agree on: 2 of 2^11', () => {
    const row = Array.from({ length: 11 }, (_, i) => 0.18 + 0.001 * i);
    expect(testPairs([row]).rows[0]!.p).toBeCloseTo(2 / 2 ** 11, 10);
    const noise = Array.from({ length: 50 }, (_, i) =>
      row.map((_v, j) => Math.sin(i * 31 + j * 7) / 20),
    );
    expect(testPairs([row, ...noise]).rows[0]!.adjusted).toBeLessThan(0.01);
    // Holm's adjustment of the same can't find it, and the smallest detectable effect says so.
    const byHolm = testPairs([row, ...noise, ...noise], 'holm').rows[0]!;
    expect(byHolm.adjusted).toBeGreaterThan(0.05);
    expect(byHolm.detectable).toBe(Infinity);
  });

  it('draws swaps from the seed beyond 14 rounds, and comes near the exact probability', () => {
    const row = Array.from({ length: 14 }, (_, i) => Math.sin(i * 5) / 50 + 0.012);
    const exact = testPairs([row]);
    const sampled = testPairs([[...row, undefined]]);
    expect([exact.method, sampled.method]).toEqual(['exact', 'sampled']);
    expect(sampled.rows[0]!.p).toBeCloseTo(exact.rows[0]!.p, 1);
    expect(testPairs([[...row, undefined]])).toEqual(sampled);
    expect(sampled.rows[0]!.pairs).toBe(14);
  });

  it('knows zeros, nothing measured, and too few pairs', () => {
    const [zeros, none, one, few] = testPairs([
      [0, 0, 0, 0, 0, 0, 0],
      [],
      [0.5],
      [0.5, 0.5, 0.5, 0.5],
    ]).rows;
    expect(zeros).toMatchObject({ p: 1, adjusted: 1, estimate: 0, low: 0, high: 0 });
    expect(none).toMatchObject({ pairs: 0, p: 1, detectable: Infinity });
    expect(one).toMatchObject({ pairs: 1, p: 1, detectable: Infinity });
    expect(few!.p).toBeCloseTo(2 / 16, 10);
    expect(testPairs([])).toMatchObject({ rows: [] });
    expect(testPairs([[0.5, 0.5, 0.5, 0.5, 0.5]]).rows[0]!.detectable).toBe(Infinity);
    expect(testPairs([[0.1, -0.1, 0.1, -0.1, 0.1, 0]]).rows[0]!.detectable).toBeLessThan(1);
  });

  it('is not blinded by one disturbed round', () => {
    const steady = [0.2, 0.21, 0.19, 0.2, 0.22, 0.2, 0.18, 0.2];
    expect(testPairs([[...steady, 0.2, 9]]).rows[0]!.p).toBeLessThan(0.01);
  });

  it("agrees with Wilcoxon's table of signed ranks", () => {
    // Wilcoxon 1945; Siegel 1956, table G: two-sided 5 %.
    const table = [5, 6, 7, 8, 9, 10, 12, 15, 20, 25].map(signedRankCritical);
    expect(table).toEqual([-1, 0, 2, 3, 5, 8, 13, 25, 52, 89]);
  });
});

describe('adjusted probabilities', () => {
  it('are those of published examples', () => {
    // Benjamini and Hochberg 1995, table 1: their 15 probabilities; 4 are found, Holm's way 3.
    const ps = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
      0.6528, 0.759, 1,
    ];
    expect(benjaminiHochberg(ps).filter((p) => p <= 0.05)).toHaveLength(4);
    expect(holm(ps).filter((p) => p <= 0.05)).toHaveLength(3);
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(benjaminiHochberg([0.01, 0.04, 0.03]).map((p) => p.toFixed(3))).toEqual([
      '0.030',
      '0.040',
      '0.040',
    ]);
  });

  it('never fall below what they adjust, and keep the order', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(ps, (of) => {
        for (const adjust of [holm, benjaminiHochberg]) {
          const adjusted = adjust(of);
          for (const [i, p] of of.entries()) {
            expect(adjusted[i]!).toBeGreaterThanOrEqual(p - 1e-12);
            expect(adjusted[i]!).toBeLessThanOrEqual(1);
            for (const [j, other] of of.entries()) {
              if (p < other) expect(adjusted[i]!).toBeLessThanOrEqual(adjusted[j]!);
            }
          }
        }
      }),
    );
  });
});
