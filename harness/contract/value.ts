/**
 * Values that histories carry, compared by value whatever text they were read from.
 *
 * | in a text            | in memory                                                          |
 * | nil, booleans, text  | null, boolean, string                                              |
 * | numbers              | as exact-number.ts says                                            |
 * | keyword `:a`         | the string ":a"                                                    |
 * | list, vector         | array                                                              |
 * | set                  | Set                                                                |
 * | map of EDN           | Map, whose keys are values                                         |
 * | object of JSON       | object, whose keys are texts                                       |
 * | character, symbol, tagged value, text that looks like a keyword | Tagged                  |
 *
 * 1. Two values are equal when their keys (`keyOf`) are. Maps and sets are equal in any order.
 * 2. A key is one that a Map of JavaScript can use; values of different kinds have different keys.
 */
import { isExact, Ratio } from './exact-number.ts';

/** A value with the tag it was written with: `#inst "2026-01-01"` is `inst` of that text. */
export class Tagged {
  readonly tag: string;
  readonly value: unknown;

  constructor(tag: string, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

export type ValueKey = string | number | bigint | boolean | null;

/** Begins keys of composed values, and of texts that begin with it themselves. */
const COMPOSED = '\u0000';
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Equal for equal values, different for different ones. */
export function keyOf(value: unknown): ValueKey {
  switch (typeof value) {
    case 'string':
      return value.charCodeAt(0) === 0 ? COMPOSED + JSON.stringify(value) : value;
    case 'number':
      if (value <= LARGEST && value >= -LARGEST) return value;
      return Number.isInteger(value) ? BigInt(value) : value;
    case 'bigint':
      return value <= LARGEST && value >= -LARGEST ? Number(value) : value;
    case 'boolean':
      return value;
    case 'undefined':
      return null;
    default:
      return value === null ? null : COMPOSED + textOf(value);
  }
}

export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const isPlain = typeof a !== 'object' && typeof b !== 'object';
  if (isPlain && typeof a === typeof b && typeof a !== 'number') return false;
  return Object.is(keyOf(a), keyOf(b));
}

const KEYWORD = /^:[^\s"(){}[\];,@^`~\\]+$/;
export const isKeyword = (text: string) => text.charCodeAt(0) === 58 && KEYWORD.test(text);

/** For people, and the same for equal values: entries of maps and elements of sets are sorted. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return isKeyword(value) ? value : JSON.stringify(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (value instanceof Set) return `#{${[...value].map(textOf).sort().join(',')}}`;
  if (value instanceof Ratio) return value.toString();
  if (value instanceof Tagged) return taggedText(value);
  const entries = entriesOf(value) ?? [];
  const shown = entries.map(([key, one]) => {
    const name = textOf(key);
    return `${name}${name.startsWith('"') ? ':' : ' '}${textOf(one)}`;
  });
  return `{${shown.sort().join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value);
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

function taggedText({ tag, value }: Tagged): string {
  if (tag === 'symbol') return String(value);
  if (tag === 'text') return JSON.stringify(value);
  return tag === 'character' ? `\\${value}` : `#${tag} ${textOf(value)}`;
}

/** Entries of a map or an object; `undefined` for anything else. */
export function entriesOf(value: unknown): (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value];
  if (!isObject(value)) return undefined;
  return Object.entries(value).filter(([, one]) => one !== undefined);
}

/** An object as JSON makes them. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const isOther =
    value instanceof Map || value instanceof Set || value instanceof Tagged || isExact(value);
  return !isOther;
}

/** What a map holds under a name, be it a keyword or a text. */
export function fieldOf(value: unknown, name: string): unknown {
  if (value instanceof Map) {
    const found: unknown = value.get(`:${name}`);
    return found === undefined ? value.get(name) : found;
  }
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  return Object.hasOwn(value, `:${name}`) ? value[`:${name}`] : undefined;
}

/** Without the tags round it: for values of which the inside is asked for. */
export function untagged(value: unknown): unknown {
  let inner = value;
  while (inner instanceof Tagged) inner = inner.value;
  return inner;
}

/** Elements of a list or a set; `undefined` for anything else. */
export function elementsOf(value: unknown): readonly unknown[] | undefined {
  const inner = untagged(value);
  if (Array.isArray(inner)) return inner;
  return inner instanceof Set ? [...inner] : undefined;
}
