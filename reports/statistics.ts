/**
 * The statistics benchmarks are judged by: medians, intervals of ratios, Mann–Whitney's test
 * (Mann and Whitney 1947) with Cliff's delta as effect size.
 */

/** Throws RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The ratios of all pairs, in order: their median and their extremes tell a ratio and its spread. */
export function ratioInterval(
  own: readonly number[],
  other: readonly number[],
): { readonly ratio: number; readonly low: number; readonly high: number } {
  const ratios = own.flatMap((a) => other.map((b) => a / b)).sort((a, b) => a - b);
  return { ratio: median(ratios), low: ratios[0]!, high: ratios.at(-1)! };
}

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
  const pairs = before.length * after.length;
  return {
    change: median(after) / median(before) - 1,
    p: rankTest(wins, before.length, after.length),
    effect: (2 * wins) / pairs - 1,
  };
}

/** The exact two-sided probability of a U as extreme, when there are no ties: counts orders. */
function rankTest(u: number, n: number, m: number): number {
  const orders = ordersByU(n, m);
  const total = orders.reduce((sum, count) => sum + count, 0);
  const extreme = Math.min(Math.floor(u), Math.floor(n * m - u));
  const tail = orders.slice(0, extreme + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * tail) / total);
}

/** How many orders of n and m values have each U from 0 to n·m (Mann and Whitney's recurrence). */
function ordersByU(n: number, m: number): number[] {
  let rows: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j++) {
      const counts = new Array<number>(i * j + 1).fill(0);
      for (const [u, count] of rows[j]!.entries()) counts[u + j]! += count;
      for (const [u, count] of next[j - 1]!.entries()) counts[u]! += count;
      next.push(counts);
    }
    rows = next;
  }
  return rows[m]!;
}
