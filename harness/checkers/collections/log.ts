/**
 * Log (Jepsen's kafka): `send`, `poll` and `txn` of micro-operations `["send", key, value]` →
 * `["send", key, [offset, value]]` and `["poll"]` → `["poll", {key: [[offset, value], …]}]`;
 * `assign` and `subscribe` move a client's place.
 *
 * - inconsistent-offset: two values at one offset of a key
 * - duplicate: one value at more offsets of a key than it was sent
 * - aborted-read: a poll shows a value of which every send failed
 * - made-up: a poll shows a value that nobody sent
 * - lost: acknowledged or polled at an offset, polls went beyond it, and no poll shows it
 * - skipped: a client's poll jumps over values that others saw
 * - reordered: a client's poll, or send, goes back
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { isSameValue, keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { KeyNames } from '../../history/poll-keys.ts';
import {
  ackedIn,
  compareOffsets,
  type Entry,
  type Offset,
  polledIn,
  sendsOf,
} from './log-entries.ts';

const KINDS = [
  'inconsistent-offset',
  'duplicate',
  'aborted-read',
  'made-up',
  'lost',
  'skipped',
  'reordered',
] as const;
type LogFault = (typeof KINDS)[number];

export const log = defineChecker({
  name: 'log',
  kinds: KINDS,
  doc: 'a log of keys with offsets: nothing lost, duplicated, reordered or skipped',
  check(operations) {
    const findings = new Findings<LogFault>('log');
    const log = new Log(findings);
    for (const operation of operations) log.noteSends(operation);
    for (const operation of operations) log.note(operation);
    log.findLost();
    for (const own of byProcess(operations)) log.walk(own);
    return findings.verdict({ polled: log.polled, sent: log.sent }, log.polled);
  },
});

interface Sent {
  /** Sends that may have worked. */
  possible: number;
  /** The first offset at which the value is known to be, and all of them where there are more. */
  offset: ValueKey | undefined;
  offsets: Set<ValueKey> | undefined;
}

interface Place {
  readonly offset: Offset;
  readonly value: unknown;
  isShown: boolean;
  /** Among the places that polls show. */
  position: number;
}

/** What is known of one key. */
interface KeyLog {
  readonly name: string;
  readonly sent: Map<ValueKey, Sent>;
  readonly places: Map<ValueKey, Place>;
  /** Places that polls show, by offset. */
  shown: readonly Place[];
}

class Log {
  readonly #findings: Findings<LogFault>;
  readonly #keys = new Map<ValueKey, KeyLog>();
  readonly #names = new KeyNames();
  polled = 0;
  sent = 0;

  constructor(findings: Findings<LogFault>) {
    this.#findings = findings;
  }

  noteSends({ input, type }: Operation): void {
    for (const [key, value] of sendsOf(input)) {
      this.#names.note(key);
      const sent = sentOf(this.#keyLog(keyOf(key), key), value);
      if (type !== 'fail') sent.possible++;
      this.sent++;
    }
  }

  note(operation: Operation): void {
    const { invokedIndex: index, type, output } = operation;
    if (type !== 'ok') return;
    for (const entry of ackedIn(output)) this.#place(entry, index);
    const complain = (what: string) => this.#findings.unclear(operation, what);
    for (const entry of polledIn(output, this.#names, complain)) {
      this.polled++;
      const key = this.#keyLog(entry.key, entry.key);
      this.#place(entry, index).isShown = true;
      const sent = key.sent.get(keyOf(entry.value));
      const shown = () => `${textOf(entry.value)} of key ${key.name}`;
      if (sent === undefined) this.#fault('made-up', `${shown()}, which nobody sent`, index);
      else if (sent.possible === 0) {
        this.#fault('aborted-read', `${shown()}, whose send failed`, index);
      }
    }
  }

  #place({ key: name, offset, value }: Entry, index: number): Place {
    const key = this.#keyLog(name, name);
    const at = keyOf(offset);
    const found = key.places.get(at);
    if (found !== undefined) {
      if (!isSameValue(found.value, value)) {
        const values = `${textOf(found.value)} and ${textOf(value)} at ${offset}`;
        this.#fault('inconsistent-offset', `key ${key.name} has ${values}`, index);
      }
      return found;
    }
    const place = { offset, value, isShown: false, position: -1 };
    key.places.set(at, place);
    const sent = key.sent.get(keyOf(value));
    if (sent === undefined) return place;
    if (sent.offset === undefined) {
      sent.offset = at;
      return place;
    }
    sent.offsets ??= new Set([sent.offset]);
    sent.offsets.add(at);
    if (sent.offsets.size > Math.max(1, sent.possible)) {
      const places = [...sent.offsets].join(' and ');
      this.#fault('duplicate', `key ${key.name} has ${textOf(value)} at ${places}`, index);
    }
    return place;
  }

  /** What is known to be at an offset that polls went beyond, and no poll shows. */
  findLost(): void {
    for (const key of this.#keys.values()) {
      const places = [...key.places.values()];
      key.shown = places
        .filter(({ isShown }) => isShown)
        .sort((a, b) => compareOffsets(a.offset, b.offset));
      for (const [position, place] of key.shown.entries()) place.position = position;
      const furthest = key.shown.at(-1)?.offset;
      if (furthest === undefined) continue;
      for (const { offset, value, isShown } of places) {
        if (isShown || compareOffsets(offset, furthest) > 0) continue;
        this.#fault('lost', `${textOf(value)} at ${offset} of key ${key.name}`, 0);
      }
    }
  }

  /** One client's polls and sends, in its order. */
  walk(operations: readonly Operation[]): void {
    const polledTo = new Map<ValueKey, Offset>();
    const sentTo = new Map<ValueKey, Offset>();
    for (const { f, type, output, invokedIndex: index } of operations) {
      if (f === 'assign' || f === 'subscribe' || f === 'crash') polledTo.clear();
      if (type !== 'ok') continue;
      for (const { key, offset } of polledIn(output, this.#names)) {
        this.#step(key, polledTo.get(key), offset, index);
        polledTo.set(key, offset);
      }
      for (const { key, offset } of ackedIn(output)) {
        const before = sentTo.get(key);
        if (before !== undefined && compareOffsets(offset, before) <= 0) {
          this.#fault('reordered', this.#went('send to', key, before, offset), index);
        }
        sentTo.set(key, offset);
      }
    }
  }

  #step(name: ValueKey, before: Offset | undefined, offset: Offset, index: number): void {
    if (before === undefined) return;
    if (compareOffsets(offset, before) <= 0) {
      this.#fault('reordered', this.#went('poll of', name, before, offset), index);
      return;
    }
    const { shown, places } = this.#keys.get(name)!;
    const next = shown[places.get(keyOf(before))!.position + 1]!.offset;
    if (compareOffsets(next, offset) >= 0) return;
    this.#fault('skipped', `${this.#went('poll of', name, before, offset)}, past ${next}`, index);
  }

  #fault(kind: LogFault, reason: string, index: number): void {
    this.#findings.fault(`${kind}: ${reason}`, index, kind);
  }

  #went(what: string, name: ValueKey, before: Offset, offset: Offset): string {
    const key = this.#keys.get(name)!.name;
    return `a client's ${what} key ${key} went from ${before} to ${offset}`;
  }

  #keyLog(key: ValueKey, value: unknown): KeyLog {
    let found = this.#keys.get(key);
    if (found === undefined) {
      found = {
        name: textOf(value),
        sent: new Map(),
        places: new Map(),
        shown: [],
      };
      this.#keys.set(key, found);
    }
    return found;
  }
}

function sentOf({ sent }: KeyLog, value: unknown): Sent {
  let found = sent.get(keyOf(value));
  if (found === undefined) {
    found = { possible: 0, offset: undefined, offsets: undefined };
    sent.set(keyOf(value), found);
  }
  return found;
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
