/**
 * Log (Jepsen's kafka): `send`, `poll` and `txn` of micro-operations `["send", key, value]` →
 * `["send", key, [offset, value]]` and `["poll"]` → `["poll", {key: [[offset, value], …]}]`;
 * `assign` and `subscribe` move a client's place.
 *
 * - inconsistent-offset: two values at one offset of a key
 * - duplicate: one value at two offsets of a key
 * - aborted-read: a poll shows a value whose send failed
 * - made-up: a poll shows a value that nobody sent
 * - lost: acknowledged or polled at an offset, polls went beyond it, and no poll shows it
 * - skipped: a client's poll jumps over values that others saw
 * - reordered: a client's poll, or send, goes back
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';

interface Fault {
  readonly reason: string;
  readonly index: number;
}

interface Entry {
  readonly key: string;
  readonly offset: number;
  readonly value: string;
}

export const log = defineChecker({
  name: 'log',
  doc: 'a log of keys with offsets: nothing lost, duplicated, reordered or skipped',
  check(operations) {
    const seen = new Log();
    const faults: Fault[] = [];
    for (const operation of operations) seen.noteSends(operation);
    for (const operation of operations) faults.push(...seen.note(operation));
    faults.push(...seen.lost());
    for (const operations_ of byProcess(operations)) faults.push(...seen.walk(operations_));
    return verdictOf('log', faults, { polled: seen.polled, sent: seen.sent }, seen.polled);
  },
});

class Log {
  /** key → offset → value, and key → value → offset. */
  readonly #values = new Map<string, Map<number, string>>();
  readonly #offsets = new Map<string, Map<string, number>>();
  readonly #shown = new Map<string, Set<number>>();
  readonly #sends = new Map<string, Operation['type']>();
  polled = 0;
  sent = 0;
  /** Per key its offsets that have a value, ascending. */
  readonly #order = new Map<string, readonly number[]>();

  noteSends({ input, type }: Operation): void {
    for (const [key, value] of sendsOf(input)) {
      this.#sends.set(`${key} ${value}`, type);
      this.sent++;
    }
  }

  *note(operation: Operation): Generator<Fault> {
    const index = operation.invokedIndex;
    if (operation.type !== 'ok') return;
    for (const entry of [...ackedIn(operation.output), ...polledIn(operation.output)]) {
      yield* this.#place(entry, index);
    }
    for (const { key, offset, value } of polledIn(operation.output)) {
      this.polled++;
      const shown = this.#shown.get(key) ?? new Set();
      this.#shown.set(key, shown.add(offset));
      const sent = this.#sends.get(`${key} ${value}`);
      if (sent === 'fail')
        yield { reason: `aborted-read: ${value} of key ${key}, whose send failed`, index };
      if (sent === undefined)
        yield { reason: `made-up: ${value} of key ${key}, which nobody sent`, index };
    }
  }

  *#place({ key, offset, value }: Entry, index: number): Generator<Fault> {
    const values = this.#values.get(key) ?? new Map<number, string>();
    const offsets = this.#offsets.get(key) ?? new Map<string, number>();
    this.#values.set(key, values);
    this.#offsets.set(key, offsets);
    const other = values.get(offset) ?? value;
    if (other !== value) {
      yield {
        reason: `inconsistent-offset: key ${key} has ${other} and ${value} at ${offset}`,
        index,
      };
    }
    const before = offsets.get(value) ?? offset;
    if (before !== offset) {
      yield { reason: `duplicate: key ${key} has ${value} at ${before} and ${offset}`, index };
    }
    values.set(offset, value);
    offsets.set(value, offset);
  }

  /** What is known to be at an offset that polls went beyond, and no poll shows. */
  *lost(): Generator<Fault> {
    for (const [key, values] of this.#values) {
      const shown = this.#shown.get(key) ?? new Set<number>();
      const furthest = Math.max(-1, ...shown);
      this.#order.set(
        key,
        [...values.keys()].sort((a, b) => a - b),
      );
      for (const [offset, value] of values) {
        if (offset < furthest && !shown.has(offset)) {
          yield { reason: `lost: ${value} at ${offset} of key ${key}`, index: 0 };
        }
      }
    }
  }

  /** One client's polls and sends, in its order. */
  *walk(operations: readonly Operation[]): Generator<Fault> {
    const polledTo = new Map<string, number>();
    const sentTo = new Map<string, number>();
    for (const { f, type, output, invokedIndex: index } of operations) {
      if (f === 'assign' || f === 'subscribe' || f === 'crash') polledTo.clear();
      if (type !== 'ok') continue;
      for (const { key, offset } of polledIn(output)) {
        yield* this.#step('poll', key, polledTo.get(key), offset, index);
        polledTo.set(key, offset);
      }
      for (const { key, offset } of ackedIn(output)) {
        const before = sentTo.get(key);
        if (before !== undefined && offset <= before) {
          yield {
            reason: `reordered: a client's send to key ${key} went from ${before} to ${offset}`,
            index,
          };
        }
        sentTo.set(key, offset);
      }
    }
  }

  *#step(what: string, key: string, before: number | undefined, offset: number, index: number) {
    if (before === undefined) return;
    if (offset <= before) {
      yield {
        reason: `reordered: a client's ${what} of key ${key} went from ${before} to ${offset}`,
        index,
      };
      return;
    }
    const shown = this.#shown.get(key)!;
    const skipped = this.#order
      .get(key)!
      .find((one) => one > before && one < offset && shown.has(one));
    if (skipped !== undefined) {
      yield {
        reason: `skipped: a client's ${what} of key ${key} went from ${before} to ${offset}, past ${skipped}`,
        index,
      };
    }
  }
}

function byProcess(operations: readonly Operation[]): Operation[][] {
  const processes = new Map<number, Operation[]>();
  for (const one of operations) {
    const own = processes.get(one.process);
    if (own === undefined) processes.set(one.process, [one]);
    else own.push(one);
  }
  return [...processes.values()];
}

const micros = (value: unknown): unknown[][] =>
  Array.isArray(value) ? value.filter((one): one is unknown[] => Array.isArray(one)) : [];
const text = (value: unknown) => JSON.stringify(value) ?? 'undefined';

function sendsOf(input: unknown): (readonly [key: string, value: string])[] {
  return micros(input)
    .filter(([f]) => f === 'send')
    .map(([, key, value]) => [text(key), text(Array.isArray(value) ? value[1] : value)]);
}

function ackedIn(output: unknown): Entry[] {
  return micros(output).flatMap(([f, key, value]) => {
    if (f !== 'send' || !Array.isArray(value) || typeof value[0] !== 'number') return [];
    return [{ key: text(key), offset: value[0], value: text(value[1]) }];
  });
}

function polledIn(output: unknown): Entry[] {
  return micros(output).flatMap(([f, polls]) => {
    if (f !== 'poll' || typeof polls !== 'object' || polls === null) return [];
    return Object.entries(polls).flatMap(([key, entries]) =>
      micros(entries).flatMap(([offset, value]) =>
        typeof offset === 'number' ? [{ key: keyText(key), offset, value: text(value) }] : [],
      ),
    );
  });
}

/** Keys of an object are strings; a number among them is the number that was sent to. */
const keyText = (key: string) => (/^-?\d+$/.test(key) ? key : text(key));
