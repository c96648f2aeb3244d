/** Medians, intervals of ratios, and probabilities adjusted for the number of tests. */

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

/** Bounds the probability of one false find among all (Holm 1979). */
export function holm(ps: readonly number[]): number[] {
  const adjusted = new Array<number>(ps.length);
  let highest = 0;
  for (const [i, at] of ascending(ps).entries()) {
    highest = Math.max(highest, Math.min(1, (ps.length - i) * ps[at]!));
    adjusted[at] = highest;
  }
  return adjusted;
}

/** Bounds the expected share of false finds among the finds (Benjamini and Hochberg 1995). */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const adjusted = new Array<number>(ps.length);
  let lowest = 1;
  for (const [i, at] of [...ascending(ps).entries()].reverse()) {
    lowest = Math.min(lowest, (ps.length * ps[at]!) / (i + 1));
    adjusted[at] = lowest;
  }
  return adjusted;
}

const ascending = (values: readonly number[]) =>
  values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
