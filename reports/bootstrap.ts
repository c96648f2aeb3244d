/**
 * Bootstrap intervals of paired ratios (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993):
 * the pairs are drawn again with replacement, and the middle 95 % of their medians is the interval.
 * Up to six pairs all draws are enumerated, beyond that 5,000 from a fixed seed: the same figures give the
 * same interval. With five pairs or fewer an interval is about as wide as its pairs are apart.
 */
import { Prng } from '../harness/random/prng.ts';
import { median } from './statistics.ts';

export interface RatioInterval {
  /** Median of the ratios of the pairs. */
  readonly ratio: number;
  /** 95 % of the resampled medians lie between; both NaN for fewer than two pairs. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

const EXACT_MAX = 6;
const DRAWS = 5000;
const TAIL = 0.025;

/** `own[i]` and `other[i]` were measured together. Throws RangeError for no pairs. */
export function pairedRatio(own: readonly number[], other: readonly number[]): RatioInterval {
  const pairs = Math.min(own.length, other.length);
  const ratios = Array.from({ length: pairs }, (_, i) => own[i]! / other[i]!);
  const ratio = median(ratios);
  if (pairs < 2) return { ratio, low: Number.NaN, high: Number.NaN, pairs };
  const medians = Float64Array.from(pairs <= EXACT_MAX ? allDraws(ratios) : someDraws(ratios));
  medians.sort();
  const at = (share: number) => medians[Math.round(share * (medians.length - 1))]!;
  return { ratio, low: at(TAIL), high: at(1 - TAIL), pairs };
}

function allDraws(values: readonly number[]): number[] {
  const n = values.length;
  return Array.from({ length: n ** n }, (_, code) => {
    let left = code;
    const drawn = values.map(() => {
      const value = values[left % n]!;
      left = Math.floor(left / n);
      return value;
    });
    return median(drawn);
  });
}

function someDraws(values: readonly number[]): number[] {
  const random = new Prng(1).derive('bootstrap');
  return Array.from({ length: DRAWS }, () =>
    median(values.map(() => values[random.below(values.length)]!)),
  );
}
