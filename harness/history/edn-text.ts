/** Prints values as EDN that Clojure reads, and that `EdnReader` reads back unchanged. */
import { decimalOf, Ratio } from '../contract/exact-number.ts';
import { isKeyword, Tagged } from '../contract/value.ts';

const LONG_MAX = 2n ** 63n - 1n;

export function ednText(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return isKeyword(value) ? value : quoted(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint')
    return value > LONG_MAX || value < -LONG_MAX ? `${value}N` : `${value}`;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(ednText).join(' ')}]`;
  if (value instanceof Set) return `#{${[...value].map(ednText).join(' ')}}`;
  if (value instanceof Ratio) {
    const decimal = decimalOf(value);
    return decimal === undefined ? value.toString() : `${decimal}M`;
  }
  if (value instanceof Tagged) return taggedText(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const shown = entries.filter(([, one]) => one !== undefined);
  return `{${shown.map(([key, one]) => `${ednText(key)} ${ednText(one)}`).join(', ')}}`;
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (Number.isInteger(value)) return ednText(BigInt(value));
  if (Number.isNaN(value)) return '##NaN';
  if (!Number.isFinite(value)) return value > 0 ? '##Inf' : '##-Inf';
  return String(value);
}

function taggedText({ tag, value }: Tagged): string {
  if (tag === 'symbol') return String(value);
  if (tag === 'text') return quoted(String(value));
  if (tag === 'regex') return `#"${value}"`;
  if (tag !== 'character') return `#${tag} ${ednText(value)}`;
  const code = String(value).charCodeAt(0).toString(16).padStart(4, '0');
  return /^[!-~]$/.test(String(value)) ? `\\${value}` : `\\u${code}`;
}

/** JSON's escapes are also Clojure's; control characters are written as \u0001 in both. */
const quoted = (text: string) => JSON.stringify(text);
