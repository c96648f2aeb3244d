/**
 * Paired comparison of many rows at once: in each round both sides were measured once, and a row
 * holds the logarithm of their ratio for each round.
 *
 * Test: sign flips (Fisher 1935). If both sides are the same, swapping them in a round changes only
 * the sign of that round's differences, in all rows together. All 2^n swaps are tried for n ≤ 14
 * rounds, else `SAMPLES` drawn from a seed (the observed one counted, so p is never 0). Zeros stay:
 * a swap does not change them.
 *
 * Statistic: |mean| / √((variance + floor²) / n), of differences whose size is clipped to the
 * median size and `CLIP` median distances from it. Clip and floor depend on sizes alone, which no swap changes, so the test stays exact; one
 * disturbed round can't hide a difference, and 0.01 % of a byte count that never varies is not
 * infinitely significant.
 *
 * Correction, over all rows: `max-t`, the step-down maximum of Westfall and Young (1993) over the
 * same swaps; `holm`; or `bh` (false discovery rate). Holm's needs p ≤ 0.05 / rows, which n rounds
 * can give only when 2^(1 - n) is as small: 13 rounds for 200 rows. `max-t` needs 6, for any number.
 */
import { Prng } from '../harness/random/prng.ts';
import { benjaminiHochberg, holm, median } from './statistics.ts';

export type Correction = 'max-t' | 'holm' | 'bh';
export const CORRECTIONS: readonly Correction[] = ['max-t', 'holm', 'bh'];

export const LEVEL = 0.05;
const EXACT_ROUNDS_MAX = 14;
const SAMPLES = 20_000;
const CLIP = 3;
const SPREAD_FLOOR = Math.log(1.01);
/** Standard errors beyond the critical value at which 80 % of estimates lie beyond it. */
const POWER_80_Z = 0.8416;
/** Sums of the same values in another order differ by less. */
const ROUNDING = 1e-9;

/** By round; `undefined` where the pair was not measured. */
export type Differences = readonly (number | undefined)[];

export interface RowTest {
  /** Pairs that were measured. */
  readonly pairs: number;
  /** Hodges and Lehmann's estimate: the median of the mean of every two differences. */
  readonly estimate: number;
  /** The 95 % interval of the estimate by Wilcoxon's signed ranks; all there is with few pairs. */
  readonly low: number;
  readonly high: number;
  /** Of this row alone, two-sided. */
  readonly p: number;
  readonly adjusted: number;
  /** The difference that would be found in 80 % of such runs, Infinity when none could be. */
  readonly detectable: number;
}

export interface PairedTest {
  readonly rows: readonly RowTest[];
  readonly method: 'exact' | 'sampled';
  readonly swaps: number;
}

export function testPairs(
  rows: readonly Differences[],
  correction: Correction = 'max-t',
  seed = 1,
): PairedTest {
  const rounds = Math.max(0, ...rows.map((row) => row.length));
  const prepared = rows.map((row) => prepare(row, rounds));
  const isExact = rounds <= EXACT_ROUNDS_MAX;
  const signs = isExact ? allSigns(rounds) : drawnSigns(rounds, seed);
  const { ps, stepDown, maxima, own } = permute(prepared, signs, correction !== 'max-t');
  const adjusted =
    correction === 'max-t' ? stepDown : correction === 'holm' ? holm(ps) : benjaminiHochberg(ps);
  const shared = criticalValue(maxima, LEVEL);
  const tested = prepared.map((row, i): RowTest => {
    const known = rows[i]!.filter((value) => value !== undefined);
    const critical =
      correction === 'max-t' ? shared : criticalValue(own[i]!, LEVEL / Math.max(1, rows.length));
    return {
      pairs: row.pairs,
      ...interval(known),
      p: ps[i]!,
      adjusted: adjusted[i]!,
      detectable: row.pairs < 2 ? Infinity : (critical + POWER_80_Z) * row.standardError,
    };
  });
  return { rows: tested, method: isExact ? 'exact' : 'sampled', swaps: signs.length };
}

interface Prepared {
  readonly values: Float64Array;
  readonly pairs: number;
  readonly observed: number;
  readonly standardError: number;
  statistic(sum: number): number;
}

function prepare(row: Differences, rounds: number): Prepared {
  const known = row.filter((value) => value !== undefined);
  const pairs = known.length;
  const limit = pairs === 0 ? 0 : clipOf(known.map(Math.abs));
  const values = new Float64Array(rounds);
  for (const [i, value] of row.entries()) {
    values[i] = Math.max(-limit, Math.min(limit, value ?? 0));
  }
  const squares = values.reduce((total, value) => total + value * value, 0);
  const errorOf = (sum: number) => {
    const variance = Math.max(0, squares - (sum * sum) / pairs) / (pairs - 1);
    return Math.sqrt((variance + SPREAD_FLOOR ** 2) / pairs);
  };
  const statistic = (sum: number) => (pairs < 2 ? 0 : Math.abs(sum / pairs) / errorOf(sum));
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    values,
    pairs,
    observed: statistic(sum),
    standardError: pairs < 2 ? Infinity : errorOf(sum),
    statistic,
  };
}

/** Clipping bound: the median size plus a multiple of the median absolute deviation. */
function clipOf(sizes: readonly number[]): number {
  const middle = median(sizes);
  return middle + CLIP * median(sizes.map((size) => Math.abs(size - middle)));
}

/**
 * Half of all signs: the other half has the same statistics. The first changes nothing, and each
 * differs from the one before in one round (Gray's code).
 */
function allSigns(rounds: number): Int8Array[] {
  return Array.from({ length: 2 ** Math.max(0, rounds - 1) }, (_, i) =>
    Int8Array.from({ length: rounds }, (_sign, round) => (((i ^ (i >> 1)) >> round) & 1 ? -1 : 1)),
  );
}

function drawnSigns(rounds: number, seed: number): Int8Array[] {
  const random = new Prng(seed).derive('sign flips');
  return Array.from({ length: SAMPLES }, (_, i) =>
    Int8Array.from({ length: rounds }, () => (i === 0 || random.nextUint32() & 1 ? 1 : -1)),
  );
}

/** Each row's p, its step-down adjusted p, the largest statistic of each swap, and all if asked. */
function permute(rows: readonly Prepared[], signs: readonly Int8Array[], keepOwn: boolean) {
  const order = rows.map((_, i) => i).sort((a, b) => rows[a]!.observed - rows[b]!.observed);
  const atLeast = new Float64Array(rows.length);
  const maxAtLeast = new Float64Array(rows.length);
  const maxima = new Float64Array(signs.length);
  const own = rows.map(() => new Float64Array(keepOwn ? signs.length : 0));
  const sums = rows.map(() => 0);
  for (const [swap, sign] of signs.entries()) {
    const turned = changes(signs[swap - 1], sign);
    let largest = 0;
    for (const i of order) {
      const { values, observed, statistic } = rows[i]!;
      for (const { round, by } of turned) sums[i]! += by * values[round]!;
      const value = statistic(sums[i]!);
      if (keepOwn) own[i]![swap] = value;
      if (value >= observed - ROUNDING) atLeast[i]!++;
      if (value > largest) largest = value;
      if (largest >= observed - ROUNDING) maxAtLeast[i]!++;
    }
    maxima[swap] = largest;
  }
  const stepDown = new Array<number>(rows.length);
  let highest = 0;
  for (const i of order.reverse()) {
    highest = Math.max(highest, maxAtLeast[i]! / signs.length);
    stepDown[i] = highest;
  }
  return { ps: [...atLeast].map((count) => count / signs.length), stepDown, maxima, own };
}

/** The rounds whose sign changes, and by how much. */
function changes(before: Int8Array | undefined, sign: Int8Array) {
  return [...sign]
    .map((value, round) => ({ round, by: value - (before?.[round] ?? 0) }))
    .filter(({ by }) => by !== 0);
}

/**
 * The smallest value that a share of at most `level` reaches: Infinity where one swap is a larger
 * share than that, the largest of all where ties make no value so rare.
 */
function criticalValue(values: Float64Array, level: number): number {
  const sorted = values.toSorted();
  const reached = Math.floor(level * sorted.length);
  if (reached === 0) return Infinity;
  const tooLow = sorted[sorted.length - reached - 1] ?? -Infinity;
  return sorted.find((value) => value > tooLow + ROUNDING) ?? sorted.at(-1)!;
}

function interval(known: readonly number[]): Pick<RowTest, 'estimate' | 'low' | 'high'> {
  if (known.length === 0) return { estimate: 0, low: -Infinity, high: Infinity };
  const means = known.flatMap((a, i) => known.slice(i).map((b) => (a + b) / 2));
  means.sort((a, b) => a - b);
  const outside = Math.max(0, signedRankCritical(known.length));
  return { estimate: median(means), low: means[outside]!, high: means.at(-1 - outside)! };
}

/** The largest w with P(W ≤ w) ≤ 2.5 % for Wilcoxon's signed ranks of `count` values, or -1. */
export function signedRankCritical(count: number): number {
  const most = (count * (count + 1)) / 2;
  const ways = new Float64Array(most + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= count; rank++) {
    for (let sum = most; sum >= rank; sum--) ways[sum]! += ways[sum - rank]!;
  }
  let below = 0;
  let critical = -1;
  while (below + ways[critical + 1]! <= (LEVEL / 2) * 2 ** count) below += ways[++critical]!;
  return critical;
}
