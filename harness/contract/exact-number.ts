/**
 * Exact numbers: integers, decimals and ratios of any size, without rounding.
 *
 * A number has one form, so that equal numbers are equal keys:
 *
 * 1. an integer up to 2^53 in size is a `number`, a larger one a `bigint`;
 * 2. any other decimal that a `number` prints as (0.1) is that `number`: a `number` stands for the
 *    decimal that it prints as, not for the binary fraction behind it;
 * 3. what is left (1/3, decimals of more than 17 digits) is a `Ratio` in lowest terms.
 *
 * So 42, 42.0 and 84/2 are the same number, and 0.1 + 0.2 is 0.3.
 */
export class Ratio {
  readonly numerator: bigint;
  /** Above 1. */
  readonly denominator: bigint;

  constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  toString(): string {
    return `${this.numerator}/${this.denominator}`;
  }
}

export type Exact = number | bigint | Ratio;

/** Larger exponents are refused: their digits would not fit into memory. */
const EXPONENT_MAX = 5000;
/** A decimal of no more digits is what the nearest `number` prints as. */
const SURE_DIGITS = 15;
/** No `number` prints more. */
const PRINTED_DIGITS_MAX = 17;

/** Finite numbers; not infinities, which no sum and no order can use. */
export function isExact(value: unknown): value is Exact {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'bigint' || value instanceof Ratio;
}

export function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** A decimal literal as JSON and EDN write it, or `undefined` for what is none or can't be held. */
export function parseDecimal(text: string): Exact | undefined {
  const found = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign, whole, fraction = '', power = '0'] = found;
  const exponent = Number(power);
  const digits = `${whole}${fraction}`;
  const near = Number(text);
  const isSure = digits.length <= SURE_DIGITS && Math.abs(exponent) < 250;
  // Integers beyond 2⁵³ have one form, whether written with an exponent or without.
  if (isSure && (Number.isSafeInteger(near) || !Number.isInteger(near))) return normalZero(near);
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const value = BigInt(digits) * (sign === '-' ? -1n : 1n);
  const scale = exponent - fraction.length;
  return scale >= 0 ? exact(value * 10n ** BigInt(scale)) : exact(value, 10n ** BigInt(-scale));
}

/** The one form of `numerator / denominator`. Requires: the denominator is above 0. */
export function exact(numerator: bigint, denominator = 1n): Exact {
  const common = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  const above = numerator / common;
  const below = denominator / common;
  if (below === 1n) {
    const near = Number(above);
    return Number.isSafeInteger(near) ? near : above;
  }
  const decimal = decimalText(above, below);
  if (decimal !== undefined && digitsIn(decimal) <= PRINTED_DIGITS_MAX) {
    const near = Number(decimal);
    const [otherAbove, otherBelow] = fractionOf(near);
    if (otherAbove === above && otherBelow === below) return near;
  }
  return new Ratio(above, below);
}

export function sumOf(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum;
  }
  const [aboveA, belowA] = fractionOf(a);
  const [aboveB, belowB] = fractionOf(b);
  return exact(aboveA * belowB + aboveB * belowA, belowA * belowB);
}

/** Below 0 when a < b, above 0 when a > b. */
export function compareExact(a: Exact, b: Exact): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [aboveA, belowA] = fractionOf(a);
  const [aboveB, belowB] = fractionOf(b);
  const difference = aboveA * belowB - aboveB * belowA;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** As digits with a point, or `undefined` for what has no end, as 1/3. */
export function decimalOf(value: Exact): string | undefined {
  if (!(value instanceof Ratio)) return String(value);
  return decimalText(value.numerator, value.denominator);
}

/** In lowest terms. */
function fractionOf(value: Exact): readonly [above: bigint, below: bigint] {
  if (value instanceof Ratio) return [value.numerator, value.denominator];
  if (typeof value === 'bigint') return [value, 1n];
  if (Number.isInteger(value)) return [BigInt(value), 1n];
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(value),
  )!;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const below = 10n ** BigInt(fraction.length - Number(power));
  const common = greatestCommonDivisor(digits < 0n ? -digits : digits, below);
  return [digits / common, below / common];
}

function decimalText(above: bigint, below: bigint): string | undefined {
  let [twos, fives, rest] = [0, 0, below];
  for (; rest % 2n === 0n; rest /= 2n) twos++;
  for (; rest % 5n === 0n; rest /= 5n) fives++;
  if (rest !== 1n) return undefined;
  const places = Math.max(twos, fives);
  const size = ((above < 0n ? -above : above) * 10n ** BigInt(places)) / below;
  const digits = size.toString().padStart(places + 1, '0');
  const at = digits.length - places;
  return `${above < 0n ? '-' : ''}${digits.slice(0, at)}${places > 0 ? '.' : ''}${digits.slice(at)}`;
}

const digitsIn = (decimal: string) => decimal.replace(/^-?0*\.?0*/, '').replace(/\D/g, '').length;

const normalZero = (value: number) => (value === 0 ? 0 : value);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger === 0n ? 1n : larger;
}
