/**
 * Tests for growth: slope of the least-squares line through samples, with its confidence interval.
 *
 * Consecutive memory samples are correlated. So the effective number of residuals is reduced by their
 * lag-1 autocorrelation r: n (1 - r) / (1 + r) (Santer et al., J. Geophys. Res. 105, 2000). Treated as
 * independent, a garbage collector's saw tooth would pass for growth.
 */

/** The normal distribution's, for 95 %. */
const Z = 1.959964;

type Point = readonly [number, number];

/** The 95 % interval of the least-squares slope; infinite if there are too few samples. */
export function slopeInterval(points: readonly Point[]): [number, number] {
  return interval(points, independent);
}

/**
 * The same by batch means (Law and Kelton, "Simulation Modeling and Analysis"): means of `batches`
 * consecutive stretches of equal length count as independent. Detects steady growth that is not quite
 * linear, whose residuals `slopeInterval` counts as few. Requires: many more points than batches.
 */
export function slopeOfMeans(points: readonly Point[], batches: number): [number, number] {
  const means = Array.from({ length: batches }, (_, i): Point => {
    const from = Math.floor((i * points.length) / batches);
    const batch = points.slice(from, Math.floor(((i + 1) * points.length) / batches));
    const mean = (at: 0 | 1) => batch.reduce((sum, point) => sum + point[at], 0) / batch.length;
    return [mean(0), mean(1)];
  });
  return interval(means, (residuals) => residuals.length);
}

function interval(
  points: readonly Point[],
  worth: (residuals: readonly number[], squares: number) => number,
): [number, number] {
  const n = points.length;
  if (n < 3) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const slope = sxy / sxx;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const freedom = worth(residuals, squares) - 2;
  if (freedom < 1) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const width = studentT(freedom) * Math.sqrt(squares / freedom / sxx);
  return [slope - width, slope + width];
}

/** Effective number of independent residuals. */
function independent(residuals: readonly number[], squares: number): number {
  if (squares === 0) return residuals.length;
  let products = 0;
  for (let i = 1; i < residuals.length; i++) products += residuals[i]! * residuals[i - 1]!;
  const n = residuals.length;
  const seen = products / squares;
  // Residuals of a fitted line look less correlated than they are (Kendall 1954).
  const correlation = Math.min(1, Math.max(0, seen + (2 + 4 * seen) / n));
  return (n * (1 - correlation)) / (1 + correlation);
}

/** Two-sided 95 % quantile of Student's t (Cornish and Fisher's expansion). */
function studentT(freedom: number): number {
  const z2 = Z * Z;
  const first = (Z * (z2 + 1)) / 4;
  const second = (Z * (5 * z2 * z2 + 16 * z2 + 3)) / 96;
  const third = (Z * (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15)) / 384;
  return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}
