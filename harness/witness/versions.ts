/**
 * Versions: the writes of each committed transaction, with the versions of a key in the witness's
 * commit order; decides whether an operation returns a version.
 */
import { compareExact, isExact } from '../contract/exact-number.ts';
import { elementsOf, fieldOf, isSameValue, textOf } from '../contract/value.ts';
import type { Operation, Recorded } from './recorded.ts';

/** The initial version. */
export const INITIAL = -1;
const DEAD = Symbol('deleted');

interface KeyVersions {
  readonly key: unknown;
  /** Writers in commit order, each with its final value or, for lists, the position after its elements. */
  readonly writers: number[];
  /** Position of each writer in this order. */
  readonly places: Map<number, number>;
  readonly values: unknown[];
  readonly ends: number[];
  readonly elements: string[];
  /** Writer by list element. */
  readonly owners: number[];
}

interface Own {
  readonly elements: string[];
  value: unknown;
}

/** The writer whose version of a key an operation returns. */
export type SourceOf = (operation: number, key: string) => number;

export class Versions {
  readonly recorded: Recorded;
  /** Transactions in commit order, as indices into the recording. */
  readonly order: readonly number[];
  /** Position in that order; -1 if not committed. */
  readonly position: Int32Array;
  readonly keys = new Map<string, KeyVersions>();
  readonly #written: string[][];

  constructor(recorded: Recorded, order: readonly number[]) {
    this.recorded = recorded;
    this.order = order;
    this.position = new Int32Array(recorded.transactions.length).fill(-1);
    this.#written = recorded.transactions.map(() => []);
    for (const [at, t] of order.entries()) this.position[t] = at;
    for (const t of order) this.#commit(t);
    for (const { operations } of recorded.transactions) {
      for (const [f, key, value] of operations) {
        if (f === 'rp') this.#noteShown(value);
        else this.#versionsOf(textOf(key), key);
      }
    }
  }

  writersOf(key: string): readonly number[] {
    return this.keys.get(key)?.writers ?? [];
  }

  /** The keys that a committed transaction wrote. */
  keysOf(t: number): readonly string[] {
    return this.#written[t]!;
  }

  /** The last writer of `key` at a position below `bound`. */
  lastBefore(key: string, bound: number): number {
    const writers = this.writersOf(key);
    let low = 0;
    let high = writers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.position[writers[middle]!]! < bound) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? INITIAL : writers[low - 1]!;
  }

  /** The writer whose version replaced that of `from`, or INITIAL. */
  replacerOf(key: string, from: number): number {
    const versions = this.keys.get(key);
    const place = from === INITIAL ? -1 : versions!.places.get(from)!;
    return versions?.writers[place + 1] ?? INITIAL;
  }

  /**
   * The first read of `t` that contradicts the versions visible to it. Without `own`, reads of keys
   * that the transaction wrote earlier are not checked.
   */
  mismatch(
    t: number,
    sourceOf: SourceOf,
    { predicates = true, own: ownWrites = true } = {},
  ): string | undefined {
    const { operations, name, status } = this.recorded.transactions[t]!;
    if (status !== 'ok') return undefined;
    const own = new Map<string, Own>();
    for (const [i, operation] of operations.entries()) {
      const [f, key] = operation;
      if (f === 'rp' ? !predicates : f !== 'r') {
        if (f !== 'rp') write(own, operation);
        continue;
      }
      const shows =
        f === 'rp'
          ? this.#showsMatches(operation, own, (name) => sourceOf(i, name), ownWrites)
          : this.#shows(operation, own.get(textOf(key)), sourceOf(i, textOf(key)));
      if (!shows && (ownWrites || !this.#showsOthers(t, operation, sourceOf(i, textOf(key)))))
        return `${name} could not read ${textOf(operation)} there`;
    }
    return undefined;
  }

  /** The final value of `writer` at a key; nil for the initial version and for a deleted key. */
  valueAt(key: string, writer: number): unknown {
    if (writer === INITIAL) return null;
    const versions = this.keys.get(key)!;
    const value = versions.values[versions.places.get(writer)!];
    return value === DEAD ? null : value;
  }

  #shows([, key, value]: Operation, own: Own | undefined, source: number): boolean {
    if (this.recorded.kind === 'list-append') return this.#showsList(key, value, own, source);
    if (own !== undefined) return textOf(value) === textOf(own.value === DEAD ? null : own.value);
    if (textOf(value) === textOf(this.valueAt(textOf(key), source))) return true;
    return source === INITIAL && textOf(value) === textOf(this.recorded.initial);
  }

  #showsList(key: unknown, value: unknown, own: Own | undefined, source: number): boolean {
    const list = ((value ?? []) as unknown[]).map(textOf);
    const versions = this.keys.get(textOf(key));
    const end = source === INITIAL ? 0 : versions!.ends[versions!.places.get(source)!]!;
    const mine = own?.elements ?? [];
    if (list.length !== end + mine.length) return false;
    return list.every((one, i) => one === (i < end ? versions!.elements[i] : mine[i - end]));
  }

  /**
   * Whether a read returns another transaction's version, apart from the reader's own writes of the
   * key.
   */
  #showsOthers(t: number, [f, key, value]: Operation, source: number): boolean {
    if (f === 'rp') return false; // judged without its own writes already
    const { operations } = this.recorded.transactions[t]!;
    const mine = new Set(
      operations
        .filter((one) => one[0] !== 'r' && textOf(one[1]) === textOf(key))
        .map(([, , one]) => textOf(one)),
    );
    if (this.recorded.kind !== 'list-append') return mine.size > 0;
    const others = ((value ?? []) as unknown[]).filter((one) => !mine.has(textOf(one)));
    return this.#showsList(key, others, undefined, source);
  }

  /** A predicate read returns exactly the keys whose visible version matches. */
  #showsMatches(
    [, predicate, result]: Operation,
    own: Map<string, Own>,
    sourceOf: (key: string) => number,
    ownWrites: boolean,
  ) {
    const shown = new Map<string, string>();
    for (const [key, value] of result as Operation[]) shown.set(textOf(key), textOf(value));
    for (const [name, { key }] of this.keys) {
      const mine = own.get(name);
      if (mine !== undefined && !ownWrites) continue;
      const value = mine === undefined ? this.valueAt(name, sourceOf(name)) : mine.value;
      const matches = value !== DEAD && satisfies(predicate, key, value);
      if (matches !== shown.has(name)) return false;
      if (matches && shown.get(name) !== textOf(value)) return false;
    }
    return true;
  }

  #commit(t: number): void {
    const own = new Map<string, Own>();
    const keys = new Map<string, unknown>();
    for (const operation of this.recorded.transactions[t]!.operations) {
      if (!write(own, operation)) continue;
      keys.set(textOf(operation[1]), operation[1]);
    }
    for (const [name, { elements, value }] of own) {
      const versions = this.#versionsOf(name, keys.get(name));
      this.#written[t]!.push(name);
      versions.places.set(t, versions.writers.push(t) - 1);
      versions.values.push(value);
      for (const element of elements) {
        versions.elements.push(element);
        versions.owners.push(t);
      }
      versions.ends.push(versions.elements.length);
    }
  }

  /**
   * A read list is a version: the transactions that appended its elements committed in that order,
   * before all others. `disputed`: reads of the key may contradict each other; then nothing is derived
   * for that key.
   */
  listsOutOfOrder(disputed: boolean): string | undefined {
    if (this.recorded.kind !== 'list-append') return undefined;
    const longest = new Map<string, readonly string[]>();
    const contested = new Set<string>();
    for (const { status, operations } of this.recorded.transactions) {
      if (status !== 'ok') continue;
      for (const [f, key, value] of operations) {
        if (f !== 'r') continue;
        const name = textOf(key);
        const list = ((value ?? []) as unknown[]).map(textOf);
        const known = longest.get(name) ?? [];
        const [longer, shorter] = list.length > known.length ? [list, known] : [known, list];
        if (shorter.some((one, i) => one !== longer[i])) contested.add(name);
        longest.set(name, longer);
      }
    }
    for (const [name, list] of longest) {
      if (contested.has(name) ? !disputed : this.#isOutOfOrder(name, list)) {
        return `key ${name} is not read in the order of commits`;
      }
    }
    return undefined;
  }

  #isOutOfOrder(name: string, list: readonly string[]): boolean {
    const versions = this.keys.get(name);
    if (versions === undefined) return false;
    const owners = new Map(versions.elements.map((one, i) => [one, versions.owners[i]!]));
    const shown = list.filter((one) => owners.has(one)).map((one) => owners.get(one));
    return shown.some((owner, i) => owner !== versions.owners[i]);
  }

  #noteShown(shown: unknown): void {
    if (!Array.isArray(shown)) return;
    for (const pair of shown) if (Array.isArray(pair)) this.#versionsOf(textOf(pair[0]), pair[0]);
  }

  #versionsOf(name: string, key: unknown): KeyVersions {
    let versions = this.keys.get(name);
    if (versions === undefined) {
      versions = {
        key,
        writers: [],
        places: new Map(),
        values: [],
        ends: [],
        elements: [],
        owners: [],
      };
      this.keys.set(name, versions);
    }
    return versions;
  }
}

/** Applies an operation to a transaction's own writes; returns whether it is a write. */
function write(own: Map<string, Own>, [f, key, value]: Operation): boolean {
  if (f !== 'w' && f !== 'append' && f !== 'd') return false;
  const name = textOf(key);
  const known = own.get(name) ?? { elements: [], value: undefined };
  if (f === 'append') known.elements.push(textOf(value));
  known.value = f === 'd' ? DEAD : (value ?? null);
  own.set(name, known);
  return true;
}

/** Whether a version matches a predicate; nil (an absent or deleted key) matches none. */
export function satisfies(predicate: unknown, key: unknown, value: unknown): boolean {
  if (value === null) return false;
  const range = elementsOf(fieldOf(predicate, 'range'));
  if (range !== undefined) return !isBelow(key, range[0]) && isBelow(key, range[1]);
  const field = String(fieldOf(predicate, 'field')).replace(/^:/, '');
  return isSameValue(fieldOf(value, field), fieldOf(predicate, 'value'));
}

function isBelow(a: unknown, b: unknown): boolean {
  return isExact(a) && isExact(b) ? compareExact(a, b) < 0 : String(a) < String(b);
}
