/** Visits the entries of log operations: sends, acknowledged sends and polls. */

import { compareExact, isInteger } from '../../contract/exact-number.ts';
import { entriesOf, isObject, textOf, untagged } from '../../contract/value.ts';

export type Offset = number | bigint;

export const compareOffsets = (a: Offset, b: Offset) => compareExact(a, b);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NONE);
const NONE: readonly unknown[] = [];

export function eachSend(input: unknown, visit: (key: unknown, value: unknown) => void): void {
  for (const micro of listOf(input)) {
    if (!Array.isArray(micro) || micro[0] !== 'send') continue;
    const value: unknown = micro[2];
    visit(micro[1], Array.isArray(value) ? value[1] : value);
  }
}

export function eachAck(
  output: unknown,
  visit: (key: unknown, offset: Offset, value: unknown) => void,
): void {
  for (const micro of listOf(output)) {
    if (!Array.isArray(micro) || micro[0] !== 'send') continue;
    const place: unknown = micro[2];
    if (Array.isArray(place) && isInteger(place[0])) visit(micro[1], place[0], place[1]);
  }
}

/** `isName`: the key is a member name of a JSON object. `complain` is called for a malformed poll. */
export function eachPolled(
  output: unknown,
  visit: (key: unknown, isName: boolean, offset: Offset, value: unknown) => void,
  complain: (what: string) => void,
): void {
  for (const micro of listOf(output)) {
    if (!Array.isArray(micro) || micro[0] !== 'poll' || micro[1] === undefined) continue;
    const polled: unknown = micro[1];
    const polls = entriesOf(untagged(polled));
    if (polls === undefined) complain(`poll returned ${textOf(polled)}, no map`);
    for (const [key, list] of polls ?? []) {
      if (!Array.isArray(list)) complain(`poll returned ${textOf(list)} for a key, no list`);
      for (const pair of listOf(list)) {
        if (!Array.isArray(pair)) continue;
        const [offset, value] = pair as unknown[];
        if (isInteger(offset)) visit(key, isObject(polled), offset, value);
        else complain(`poll returned ${textOf(pair)}, without an offset`);
      }
    }
  }
}
