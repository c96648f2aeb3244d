/**
 * Arguments as callers hand them in: checked before anything changes, for JavaScript has no types.
 *
 * 1. Bytes are a Uint8Array of any realm (Buffer and other subclasses too) that still has its
 *    memory. Everything else is refused: text, numbers, plain objects, ArrayBuffer, DataView.
 * 2. Every option is read once. One of an unknown name is refused: it would be a slip.
 *
 * All errors are StoreError and definite: `invalid-argument` for values, `invalid-options` for options.
 *
 * Cost: 2 ns for each array of bytes (a brand check that no object can forge, inlined by V8).
 */
import { isStoreError, StoreError } from './errors.ts';

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** What kind of typed array something is; `undefined` for all that is none, a Proxy of one too. */
const kindOf = getterOf<string | undefined>(typedArray, Symbol.toStringTag);
/** Bypasses getters that a subclass overrides. */
const lengthOf = getterOf<number>(typedArray, 'length');
const { at: valueAt } = Uint8Array.prototype;

function getterOf<T>(prototype: object, name: PropertyKey): (this: unknown) => T {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as (this: unknown) => T;
}

/** Throws StoreError `invalid-argument` unless `value` is an array of bytes. */
export function refuseNonBytes(value: Uint8Array, what: string): void {
  if (kindOf.call(value) !== 'Uint8Array') throw notOf(what, value, 'a Uint8Array');
  if (value.length === 0) refuseWithoutMemory(value, what);
}

/** Length in bytes. Throws as `refuseNonBytes`. */
export function byteLengthOf(value: Uint8Array, what: string): number {
  if (kindOf.call(value) !== 'Uint8Array') throw notOf(what, value, 'a Uint8Array');
  const length = lengthOf.call(value);
  if (length === 0) refuseWithoutMemory(value, what);
  return length;
}

/** The same arrays, looked up once. Throws StoreError `invalid-argument`. */
export function byteArrays(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return readOut('keys', invalidArgument, () => {
    if (!Array.isArray(keys)) throw notOf('keys', keys, 'an array');
    const own: Uint8Array[] = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      refuseNonBytes(key, 'key');
      own.push(key);
    }
    return own;
  });
}

/** Milliseconds since 1970 of a date of any realm. Throws StoreError `invalid-argument`. */
export function timeOf(date: { getTime(): number }): number {
  const time = readOut('the time', invalidArgument, () => {
    const isDate = Object.prototype.toString.call(date) === '[object Date]';
    return isDate ? date.getTime() : Number.NaN;
  });
  if (Number.isFinite(time)) return time;
  throw notOf('the time', date, 'a valid date');
}

/** A detached array, or one beyond the end of memory that shrank, also says that it has no bytes. */
function refuseWithoutMemory(value: Uint8Array, what: string): void {
  try {
    valueAt.call(value, 0);
  } catch {
    throw invalidArgument(`${what} is an array whose memory was detached or has shrunk`);
  }
}

export function invalidArgument(what: string): StoreError {
  return new StoreError('invalid-argument', `invalid argument: ${what}`, true);
}

export function invalidOptions(what: string): StoreError {
  return new StoreError('invalid-options', `invalid options: ${what}`, true);
}

function notOf(what: string, value: unknown, wanted: string): StoreError {
  return invalidArgument(`${what} is ${described(value)}, not ${wanted}`);
}

/** Describes a value without calling any of its code. */
export function described(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (ArrayBuffer.isView(value)) return `a ${kindOf.call(value) ?? 'DataView'}`;
  if (typeof value === 'object') return isArray(value) ? 'an array' : 'an object';
  return `a ${typeof value}`;
}

/** A revoked Proxy throws on every access. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Throws StoreError `invalid-argument` unless `value` is a function. */
export function refuseNonFunction(value: unknown, what: string): void {
  if (typeof value !== 'function') throw notOf(what, value, 'a function');
}

/** Throws StoreError `invalid-argument` unless `value` is text that UTF-8 can hold: no lone surrogate. */
export function refuseNonText(value: string, what: string): void {
  if (typeof value !== 'string') throw notOf(what, value, 'text');
  if (!value.isWellFormed()) throw invalidArgument(`${what} holds half of a surrogate pair`);
}

/**
 * The options, each read once, in an object of the store's own. Throws StoreError `invalid-options` for
 * what is no object, for names that are not in `known`, and for what can not be read.
 */
export function knownOptions<T extends object>(
  options: T,
  known: Readonly<Record<keyof T, true>>,
  what: string,
): T {
  if (typeof options !== 'object' || options === null) {
    throw invalidOptions(`${what} are ${described(options)}, not an object`);
  }
  const own: Partial<T> = {};
  readOut(what, invalidOptions, () => {
    for (const name in options) {
      if (Object.hasOwn(known, name)) continue;
      const all = Object.keys(known).join(', ');
      throw invalidOptions(`${what} have no ${JSON.stringify(name)}; there is ${all}`);
    }
    for (const name of Object.keys(known) as (keyof T)[]) own[name] = options[name];
  });
  return own as T;
}

/** Reads a property of the caller's object: a getter or a Proxy may throw anything. */
export function readOut<T>(what: string, refusal: (words: string) => StoreError, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isStoreError(error)) throw error;
    const reason = error instanceof Error ? String(error.message) : described(error);
    throw refusal(`${what} can not be read: ${reason}`);
  }
}

/** A whole number between `low` and `high`, or StoreError `invalid-options`. */
export function wholeNumber(name: string, value: unknown, low: number, high: number): number {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) {
    return value as number;
  }
  const range = high === Number.MAX_SAFE_INTEGER ? `${low} or more` : `between ${low} and ${high}`;
  throw invalidOptions(`${name} is ${described(value)}, not a whole number, ${range}`);
}

/** One of the words, or StoreError `invalid-options`. */
export function oneOf<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  if (words.includes(value as T)) return value as T;
  throw invalidOptions(`${name} is ${described(value)}, not ${words.join(' or ')}`);
}

export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidOptions(`${name} is ${described(value)}, not true or false`);
}
