/**
 * Exact JSON: numbers that a double would round are represented as contract/exact-number.ts says, and
 * an object `{"#edn": "…"}` stands for a value that only EDN can express (a ratio, a set, a map whose
 * keys are not strings). Strings that look like keywords are keywords: `":a"` is `:a`.
 */
import { decimalOf, parseDecimal, Ratio } from '../contract/exact-number.ts';
import { Tagged } from '../contract/value.ts';
import { EdnError, EdnReader } from './edn.ts';
import { ednText } from './edn-text.ts';
import { FormatError } from './format-error.ts';

const EDN_KEY = '#edn';
/** Texts that JSON.parse alone would round or misread. */
const NEEDS_CARE = /[\d.]{16}|\d[eE][+-]?\d|"#edn"/;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** `line`: line number of the text's beginning. Throws FormatError with line and column. */
export function parseJson(text: string, line: number): unknown {
  try {
    return NEEDS_CARE.test(text) ? parseWith(text, exactly) : JSON.parse(text);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`line ${line}: ${error.message}`);
    const { message } = error as Error;
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const before = text.slice(0, at).split('\n');
    const place = `line ${line + before.length - 1}, column ${before.at(-1)!.length + 1}`;
    throw new FormatError(`${place}: not JSON (${message})`);
  }
}

const exactly: Reviver = (_key, value, { source }) => {
  if (typeof value === 'number' && source !== undefined) {
    const exact = parseDecimal(source);
    if (exact === undefined) throw new FormatError(`${source} is too large to be held exactly`);
    return exact;
  }
  return isEdn(value) ? fromEdn(value[EDN_KEY]) : value;
};

function isEdn(value: unknown): value is Readonly<Record<typeof EDN_KEY, string>> {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, EDN_KEY)) return false;
  const inner = (value as Record<string, unknown>)[EDN_KEY];
  return typeof inner === 'string' && Object.keys(value).length === 1;
}

function fromEdn(text: string): unknown {
  try {
    const found = new EdnReader(text).next();
    if (found !== undefined) return found.form;
  } catch (error) {
    if (!(error instanceof EdnError)) throw error;
  }
  throw new FormatError(`${JSON.stringify(text)} in "${EDN_KEY}" is no EDN`);
}

/** Prints a value as JSON that `parseJson` reads back unchanged. */
export function jsonText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (value instanceof Ratio) return decimalOf(value) ?? asEdn(value);
  if (value instanceof Set || value instanceof Tagged) return asEdn(value);
  const isPlain = !(value instanceof Map) || [...value.keys()].every(isPlainName);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const isEscaped = isEdn(value instanceof Map ? Object.fromEntries(entries) : value);
  if (!isPlain || isEscaped) return asEdn(value);
  const shown = entries.filter(([, one]) => one !== undefined);
  return `{${shown.map(([name, one]) => `${JSON.stringify(name)}:${jsonText(one)}`).join(',')}}`;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return asEdn(value);
  const isLarge = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLarge ? BigInt(value).toString() : String(value);
}

/** Names of object members are strings, or keywords if they begin with a colon. */
const isPlainName = (key: unknown) => typeof key === 'string' && !/^-?\d+$/.test(key);

const asEdn = (value: unknown) => JSON.stringify({ [EDN_KEY]: ednText(value) });
