/** Parses the values of collection operations; malformed ones are `undefined`. */
import { type Exact, isExact, parseDecimal } from '../../contract/exact-number.ts';
import type { Operation } from '../../contract/history.ts';
import {
  elementsOf,
  entriesOf,
  keyOf,
  textOf,
  untagged,
  type ValueKey,
} from '../../contract/value.ts';

export const isReadOf = ({ f, type }: Operation) => f === 'read' && type === 'ok';

/** "read returned "abc", no list" */
export const returned = ({ f, output }: Operation, wanted: string) =>
  `${f} returned ${output === undefined ? 'nothing' : textOf(output)}, no ${wanted}`;

/** A number, or a numeric string, as databases return decimals. */
export function numberIn(value: unknown): Exact | undefined {
  if (typeof value === 'string') return parseDecimal(value);
  return isExact(value) ? value : undefined;
}

/** Elements by key, and their number including duplicates. */
export interface Shown {
  readonly elements: ReadonlyMap<ValueKey, unknown>;
  readonly size: number;
}

export function shownBy({ output }: Operation): Shown | undefined {
  const list = elementsOf(output);
  if (list === undefined) return undefined;
  return { elements: new Map(list.map((one) => [keyOf(one), one])), size: list.length };
}

/** A map, also given as a list of pairs. */
export function pairsOf(value: unknown): (readonly [unknown, unknown])[] | undefined {
  const inner = untagged(value);
  if (!Array.isArray(inner)) return entriesOf(inner);
  const isPair = (one: unknown): one is [unknown, unknown] =>
    Array.isArray(one) && one.length === 2;
  return inner.every(isPair) ? inner : undefined;
}

/** Reads in the order in which they were invoked. */
export const byInvocation = (a: Operation, b: Operation) => a.invokedIndex - b.invokedIndex;
