/**
 * Atoms of EDN and of Clojure's printer: the values of single tokens. Numbers are exact;
 * contract/value.ts defines their representation in memory.
 */
import { exact, parseDecimal } from '../contract/exact-number.ts';
import { Tagged } from '../contract/value.ts';

const NAMED_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['newline', '\n'],
  ['space', ' '],
  ['tab', '\t'],
  ['return', '\r'],
  ['formfeed', '\f'],
  ['backspace', '\b'],
]);

/** Escapes within a string, besides u and octal digits. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['"', '"'],
  ['\\', '\\'],
]);

/** The character named by a token (without its backslash); `undefined` if there is none. */
export function characterOf(token: string): Tagged | undefined {
  const named = NAMED_CHARACTERS.get(token);
  if (named !== undefined) return new Tagged('character', named);
  if ([...token].length === 1) return new Tagged('character', token);
  if (/^u[\da-fA-F]{4}$/.test(token)) return characterAt(Number.parseInt(token.slice(1), 16));
  if (/^o[0-3]?[0-7]{1,2}$/.test(token)) return characterAt(Number.parseInt(token.slice(1), 8));
  return undefined;
}

const characterAt = (code: number) => new Tagged('character', String.fromCharCode(code));

/** nil, booleans, numbers, keywords and symbols; `undefined` for a malformed number. */
export function atomOf(token: string): unknown {
  const first = token.charCodeAt(0);
  if (first === COLON) return token;
  const signed = first === PLUS || first === MINUS;
  if (isDigit(first) || (signed && isDigit(token.charCodeAt(1)))) return numberOf(token);
  if (token === 'nil') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  return new Tagged('symbol', token);
}

const COLON = 58;
const PLUS = 43;
const MINUS = 45;
const isDigit = (code: number) => code >= 48 && code <= 57;

/** Number of digits that a double always represents exactly. */
const SHORT_DIGITS = 15;

function numberOf(token: string): unknown {
  if (token.length <= SHORT_DIGITS && /^-?(?:0|[1-9]\d*)$/.test(token)) {
    return token === '-0' ? 0 : Number(token);
  }
  const whole = /^([+-]?)(?:0[xX]([\da-fA-F]+)|(\d+)[rR]([\da-zA-Z]+)|(0[0-7]+)|(0|[1-9]\d*))N?$/;
  const found = whole.exec(token);
  if (found !== null) {
    const [, sign, hex, radix, digits, octal, decimal] = found;
    const size =
      hex !== undefined
        ? BigInt(`0x${hex}`)
        : octal !== undefined
          ? BigInt(`0o${octal.slice(1)}`)
          : radix !== undefined
            ? inRadix(Number(radix), digits!)
            : BigInt(decimal!);
    return size === undefined ? undefined : exact(sign === '-' ? -size : size);
  }
  const ratio = /^([+-]?\d+)\/(\d+)$/.exec(token);
  if (ratio !== null) {
    const below = BigInt(ratio[2]!);
    return below === 0n ? undefined : exact(BigInt(ratio[1]!), below);
  }
  if (/^[+-]?0\d/.test(token)) return undefined;
  return parseDecimal(token.endsWith('M') ? token.slice(0, -1) : token);
}

function inRadix(radix: number, digits: string): bigint | undefined {
  if (radix < 2 || radix > 36) return undefined;
  let value = 0n;
  for (const digit of digits) {
    const one = Number.parseInt(digit, radix);
    if (Number.isNaN(one)) return undefined;
    value = value * BigInt(radix) + BigInt(one);
  }
  return value;
}

/** `##Inf`, `##-Inf`, `##NaN`: not numbers for sums and comparisons. */
export const SYMBOLIC_VALUES: ReadonlyMap<string, number> = new Map([
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
]);

/** Adds this namespace to a keyword or symbol that has none; `_` removes it. */
export function inNamespace(namespace: string, key: unknown): unknown {
  if (typeof key !== 'string' || !key.startsWith(':')) return key;
  if (key.startsWith(':_/')) return `:${key.slice(3)}`;
  return key.includes('/') ? key : `:${namespace}/${key.slice(1)}`;
}
