/**
 * Two samples that are not paired: Mann–Whitney's test by midranks (Mann and Whitney 1947; Lehmann,
 * Nonparametrics, 1975, section 1.4), with Cliff's delta as effect size.
 *
 * Up to `EXACT_MAX` values the probability is the exact permutation distribution of the rank sum,
 * ties included; beyond, the normal approximation with the tie correction.
 */
import { median } from './statistics.ts';

const EXACT_MAX = 60;

export interface Comparison {
  /** Median of the second over median of the first, less one. */
  readonly change: number;
  /** How likely so large a difference of ranks is by chance, two-sided. */
  readonly p: number;
  /** Cliff's delta: -1 to 1, how much more often the second is larger. */
  readonly effect: number;
}

export function compareSamples(before: readonly number[], after: readonly number[]): Comparison {
  let wins = 0;
  for (const a of after) for (const b of before) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return {
    change: median(after) / median(before) - 1,
    p: rankTest(before, after),
    effect: (2 * wins) / (before.length * after.length) - 1,
  };
}

/** Ranks from 1, twice as large so that the mean rank of tied values is a whole number. */
export function doubledMidranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[first]!]) last++;
    for (let i = first; i <= last; i++) ranks[order[i]!] = first + last + 2;
    first = last + 1;
  }
  return ranks;
}

function rankTest(before: readonly number[], after: readonly number[]): number {
  const ranks = doubledMidranks([...before, ...after]);
  const sum = ranks.slice(before.length).reduce((total, rank) => total + rank, 0);
  const count = ranks.length;
  const distance = Math.abs(sum - after.length * (count + 1));
  if (count <= EXACT_MAX) return exactTail(ranks, after.length, distance);
  const mean = count + 1;
  const spread = ranks.reduce((total, rank) => total + (rank - mean) ** 2, 0);
  const variance = (before.length * after.length * spread) / (count * (count - 1));
  if (variance === 0) return 1;
  return 2 * normalTail(Math.max(0, distance - 1) / Math.sqrt(variance));
}

/** The share of choices of `size` ranks whose sum lies as far from its mean as `distance`. */
function exactTail(ranks: readonly number[], size: number, distance: number): number {
  const most = ranks.reduce((total, rank) => total + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    for (let chosen = size; chosen >= 1; chosen--) {
      const [to, from] = [ways[chosen]!, ways[chosen - 1]!];
      for (let sum = most; sum >= rank; sum--) to[sum]! += from[sum - rank]!;
    }
  }
  const mean = size * (ranks.length + 1);
  let [all, extreme] = [0, 0];
  for (const [sum, count] of ways[size]!.entries()) {
    all += count;
    if (Math.abs(sum - mean) >= distance) extreme += count;
  }
  return extreme / all;
}

/** P(Z > z) for z ≥ 0 (Abramowitz and Stegun 26.2.17, error below 1e-7). */
export function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const series = terms.reduceRight((sum, term) => (sum + term) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
