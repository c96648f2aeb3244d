/** Whether something grows: the slope of the straight line through points, with its interval. */

/** The 95 % interval of the slope by least squares; infinite for under three points. */
export function slopeInterval(points: readonly (readonly [number, number])[]): [number, number] {
  const n = points.length;
  if (n < 3) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const slope = sxy / sxx;
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(residuals / (n - 2) / sxx);
  const width = (n < 30 ? 2.2 : 1.97) * error;
  return [slope - width, slope + width];
}
