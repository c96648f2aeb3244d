/**
 * Request bodies as Go's encoding/json reads them into a struct: the first value, field names in any case, the last
 * of two spellings wins, null leaves a field as it is, and whole numbers are 64-bit integers, exact
 * to the last digit.
 */
import { ApiError } from './api-error.ts';

export type Body = Readonly<Record<string, unknown>>;

export const badBody = (what: string): ApiError => new ApiError(400, `bad request body: ${what}`);

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A number as it was written. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): number {
    return Number(this.source);
  }
}

/** The first value; what follows it is not read. Throws ApiError 400. `undefined` for an empty text. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(
      text.slice(0, endOfValue(text)),
      (_key, value, context?: { source?: string }) =>
        typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value,
    );
  } catch (error) {
    throw badBody((error as Error).message);
  }
}

/** Where the first object or list of a text ends; any other text is one value. */
function endOfValue(text: string): number {
  if (!/^\s*[[{]/.test(text)) return text.length;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) at += character === '\\' ? 1 : 0;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The items of a list; null is an empty one. Throws ApiError 400. */
export function listOf(value: unknown): Body[] {
  if (value === undefined) throw badBody('EOF');
  if (value === null) return [];
  if (!Array.isArray(value)) throw badBody('no list');
  return value.map(objectOf);
}

/** An object with its field names in lower case; null is one without fields. Throws ApiError 400. */
export function objectOf(value: unknown): Body {
  if (value === undefined) throw badBody('EOF');
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof JsonNumber) {
    throw badBody('no object');
  }
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name.toLowerCase(), field]));
}

export function textIn(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw badBody(`${name} is ${JSON.stringify(value)}`);
  return value;
}

export function booleanIn(body: Body, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw badBody(`${name} is ${JSON.stringify(value)}`);
  return value;
}

export function fractionIn(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number') return value;
  if (!(value instanceof JsonNumber)) throw badBody(`${name} is ${JSON.stringify(value)}`);
  return Number(value.source);
}

/** A 64-bit integer: a number where that holds it exactly, else a bigint. */
export function wholeIn(body: Body, name: string): number | bigint | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const source = value instanceof JsonNumber ? value.source : String(value);
  const isNumber = value instanceof JsonNumber || typeof value === 'number';
  if (!isNumber || !/^-?\d+$/.test(source)) throw badBody(`${name} is ${source}`);
  const whole = BigInt(source);
  if (whole > INT64_MAX || whole < INT64_MIN) throw badBody(`${name} is ${source}, beyond 64 bits`);
  return Number.isSafeInteger(Number(source)) ? Number(source) : whole;
}
