/**
 * Change points of a series: the places where its level changes and stays changed.
 *
 * A segment is split where Student's t between its two parts is largest, each of at least
 * `SEGMENT_MIN` points, and each part is searched again (binary segmentation: Scott and Knott 1974;
 * Vostrikova 1981). A split counts when
 *
 * 1. so large a t comes in at most 5 % of seeded shuffles of the segment (Matteson and James 2014
 *    test the splits of E-divisive so), which holds whatever the distribution of the values, and
 * 2. Student's p, times the splits that were tried and the number of series, is at most 5 %. The
 *    smallest p of shuffles is too large to be corrected for hundreds of series; t-tests behind
 *    E-divisive are from Hunter (Fleming et al. 2023), and
 * 3. the two levels differ by more than the threshold.
 *
 * A slow drift is found as steps. A single outlier is no change: no segment is that short.
 */
import { Prng } from '../harness/random/prng.ts';

export const SEGMENT_MIN = 3;
const LEVEL = 0.05;
const SHUFFLES = 999;
/** Values that never vary are not infinitely far apart. */
const SPREAD_FLOOR = 0.002;

export interface ChangePoint {
  /** The first point of the new level. */
  readonly at: number;
  /** New level less old level. */
  readonly by: number;
  /** Student's p, corrected. */
  readonly p: number;
}

export interface SearchOptions {
  /** Smaller differences of levels do not count. */
  readonly threshold: number;
  /** How many series are searched at once. */
  readonly series?: number;
  readonly seed?: number;
}

/** Of logarithms, so that differences are shares. */
export function changePoints(values: readonly number[], options: SearchOptions): ChangePoint[] {
  const { threshold, series = 1, seed = 1 } = options;
  const random = new Prng(seed).derive('shuffles');
  const found: ChangePoint[] = [];
  const search = (from: number, to: number) => {
    const segment = values.slice(from, to);
    const best = bestSplit(segment);
    if (best === undefined) return;
    const splits = segment.length - 2 * SEGMENT_MIN + 1;
    const p = Math.min(1, 2 * studentTail(best.t, segment.length - 2) * splits * series);
    if (p > LEVEL || Math.abs(best.by) <= threshold) return;
    if (shareOfShuffles(segment, best.t, random) > LEVEL) return;
    search(from, from + best.at);
    found.push({ at: from + best.at, by: best.by, p });
    search(from + best.at, to);
  };
  search(0, values.length);
  return found;
}

function bestSplit(values: readonly number[]) {
  const all = values.reduce((sum, value) => sum + value, 0);
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  let best: { at: number; t: number; by: number } | undefined;
  let left = 0;
  for (const [i, value] of values.entries()) {
    const [n, m] = [i, values.length - i];
    if (n >= SEGMENT_MIN && m >= SEGMENT_MIN) {
      const by = (all - left) / m - left / n;
      const within = squares - left ** 2 / n - (all - left) ** 2 / m;
      const variance = Math.max(0, within) / (n + m - 2) + SPREAD_FLOOR ** 2;
      const t = Math.abs(by) / Math.sqrt(variance * (1 / n + 1 / m));
      if (best === undefined || t > best.t) best = { at: i, t, by };
    }
    left += value;
  }
  return best;
}

function shareOfShuffles(values: readonly number[], t: number, random: Prng): number {
  const shuffled = [...values];
  let reached = 1; // the series as it is
  for (let i = 0; i < SHUFFLES; i++) {
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = Math.floor((random.nextUint32() / 2 ** 32) * (last + 1));
      [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
    }
    if (bestSplit(shuffled)!.t >= t) reached++;
  }
  return reached / (SHUFFLES + 1);
}

/** P(T > t) of Student's distribution for t ≥ 0, by the incomplete beta function. */
export function studentTail(t: number, freedom: number): number {
  const x = freedom / (freedom + t * t);
  return incompleteBeta(x, freedom / 2, 0.5) / 2;
}

/** Lentz's continued fraction (Numerical Recipes, section 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const step of [even, odd]) {
      d = 1 / (1 + step * d);
      c = 1 + step / c;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return (front * fraction) / a;
}

/** Lanczos's approximation. */
function logGamma(x: number): number {
  const terms = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155,
    0.1208650973866179e-2, -0.5395239384953e-5,
  ];
  const sum = terms.reduce((total, term, i) => total + term / (x + i + 1), 1.000000000190015);
  const base = x + 5.5;
  return (x + 0.5) * Math.log(base) - base + Math.log((Math.sqrt(2 * Math.PI) * sum) / x);
}
