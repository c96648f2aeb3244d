/** What operations of a log carry: sends, acknowledged sends and polls, as entries of keys. */

import { compareExact, isInteger } from '../../contract/exact-number.ts';
import {
  entriesOf,
  isObject,
  keyOf,
  textOf,
  untagged,
  type ValueKey,
} from '../../contract/value.ts';
import type { KeyNames } from '../../history/poll-keys.ts';

export type Offset = number | bigint;

export interface Entry {
  readonly key: ValueKey;
  readonly offset: Offset;
  readonly value: unknown;
}

export const compareOffsets = (a: Offset, b: Offset) => compareExact(a, b);

const micros = (value: unknown): unknown[][] =>
  Array.isArray(value) ? value.filter((one): one is unknown[] => Array.isArray(one)) : [];

export function sendsOf(input: unknown): (readonly [key: unknown, value: unknown])[] {
  const sends: (readonly [unknown, unknown])[] = [];
  for (const [f, key, value] of micros(input)) {
    if (f === 'send') sends.push([key, Array.isArray(value) ? value[1] : value]);
  }
  return sends;
}

export function ackedIn(output: unknown): Entry[] {
  const entries: Entry[] = [];
  for (const [f, key, value] of micros(output)) {
    if (f !== 'send' || !Array.isArray(value) || !isInteger(value[0])) continue;
    entries.push({ key: keyOf(key), offset: value[0], value: value[1] });
  }
  return entries;
}

/** `keys`: how an object of JSON names keys. `complain` hears of what is no poll. */
export function polledIn(
  output: unknown,
  keys: KeyNames,
  complain: (what: string) => void = () => {},
): Entry[] {
  const entries: Entry[] = [];
  for (const [f, polled] of micros(output)) {
    if (f !== 'poll' || polled === undefined) continue;
    const polls = entriesOf(untagged(polled));
    if (polls === undefined) complain(`poll returned ${textOf(polled)}, no map`);
    for (const [name, list] of polls ?? []) {
      const key = isObject(polled) ? keys.keyNamed(name as string) : keyOf(name);
      if (!Array.isArray(list)) complain(`poll returned ${textOf(list)} for a key, no list`);
      for (const pair of micros(list)) {
        const [offset, value] = pair;
        if (isInteger(offset)) entries.push({ key, offset, value });
        else complain(`poll returned ${textOf(pair)}, without an offset`);
      }
    }
  }
  return entries;
}
