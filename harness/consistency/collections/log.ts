/**
 * Log (Jepsen's kafka): `send`, `poll` and `txn` of micro-operations `["send", key, value]` →
 * `["send", key, [offset, value]]` and `["poll"]` → `["poll", {key: [[offset, value], …]}]`;
 * `assign` and `subscribe` move a client's place.
 *
 * - inconsistent-offset: two values at one offset of a key
 * - duplicate: one value at more offsets of a key than it was sent
 * - aborted-read: a poll shows a value of which every send failed
 * - made-up: a poll shows a value that was never sent
 * - lost: acknowledged or polled at an offset, polls went beyond it, and no poll shows it
 * - skipped: a client's poll jumps over values that others saw
 * - reordered: a client's poll, or send, goes back
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { isSameValue, keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { GrowingInts } from '../graph/columns.ts';
import { compareOffsets, type Offset } from './log-entries.ts';
import { LogTable } from './log-table.ts';

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
  check: (operations) => judgeLog(LogTable.of(operations)),
});

export function judgeLog(table: LogTable): Verdict {
  table.finish();
  const findings = new Findings<LogFault>('log');
  const log = new Log(table, findings);
  for (const { row, what } of table.complaints) {
    findings.unclear({ invokedIndex: table.invoked.at(row) }, what);
  }
  for (let row = 0; row < table.size; row++) log.noteSends(row);
  for (let row = 0; row < table.size; row++) log.noteEntries(row);
  log.findLost();
  for (let row = 0; row < table.size; row++) log.step(row);
  const polled = log.polled;
  return findings.verdict({ polled, sent: table.sendValue.length }, polled);
}

/** State of one key. */
interface KeyLog {
  readonly name: string;
  /** Numbers of sent values by value, and of positions by value and offset. */
  readonly sent: Map<ValueKey, number>;
  readonly places: Map<ValueKey, number>;
  /** Polled positions, by offset. */
  shown: readonly number[];
}

/** A client's position: by key, the entry that it polled last and the one that it sent last. */
interface Client {
  readonly polled: Map<number, number>;
  readonly sent: Map<number, number>;
}

class Log {
  readonly #table: LogTable;
  readonly #findings: Findings<LogFault>;
  readonly #keys: KeyLog[] = [];
  readonly #clients = new Map<number, Client>();

  /** By sent value: the number of sends that may have taken effect, and its first known offset. */
  readonly #possible = new GrowingInts();
  readonly #firstOffset: (ValueKey | undefined)[] = [];
  /** All its offsets, if there are several. */
  readonly #offsets = new Map<number, Set<ValueKey>>();

  /**
   * By position: the first entry that mentions it, whether polls return it, and its index among the
   * polled ones.
   */
  readonly #firstEntry = new GrowingInts();
  readonly #isShown = new GrowingInts();
  readonly #position = new GrowingInts();
  readonly #placeOfEntry: Int32Array;
  polled = 0;

  constructor(table: LogTable, findings: Findings<LogFault>) {
    this.#table = table;
    this.#findings = findings;
    this.#placeOfEntry = new Int32Array(table.entryValue.length);
    for (let key = 0; key < table.keys.size; key++) {
      const name = textOf(table.keys.original(key));
      this.#keys.push({ name, sent: new Map(), places: new Map(), shown: [] });
    }
  }

  noteSends(row: number): void {
    const { sendKey, sendValue } = this.#table;
    const mayHaveWorked = this.#table.hasFailed(row) ? 0 : 1;
    for (let send = this.#table.firstSend(row); send < this.#table.sendsEnd(row); send++) {
      const { sent } = this.#keys[sendKey.at(send)]!;
      const name = keyOf(sendValue[send]);
      const found = sent.get(name);
      if (found !== undefined) {
        this.#possible.set(found, this.#possible.at(found) + mayHaveWorked);
        continue;
      }
      sent.set(name, this.#possible.size);
      this.#possible.push(mayHaveWorked);
      this.#firstOffset.push(undefined);
    }
  }

  noteEntries(row: number): void {
    const index = this.#table.invoked.at(row);
    const firstPolled = this.#table.firstPolled(row);
    for (let entry = this.#table.firstEntry(row); entry < this.#table.entriesEnd(row); entry++) {
      const key = this.#keys[this.#table.entryKey.at(entry)]!;
      const value = this.#table.entryValue[entry];
      const sent = key.sent.get(keyOf(value));
      const place = this.#place(key, entry, sent, index);
      this.#placeOfEntry[entry] = place;
      if (entry < firstPolled) continue;
      this.polled++;
      this.#isShown.set(place, 1);
      const shown = () => `${textOf(value)} of key ${key.name}`;
      if (sent === undefined) this.#fault('made-up', `${shown()}, which was never sent`, index);
      else if (this.#possible.at(sent) === 0) {
        this.#fault('aborted-read', `${shown()}, whose send failed`, index);
      }
    }
  }

  /** The position of an entry. */
  #place(key: KeyLog, entry: number, sent: number | undefined, index: number): number {
    const { entryOffset, entryValue } = this.#table;
    const [offset, value] = [entryOffset[entry]!, entryValue[entry]];
    const at = keyOf(offset);
    const found = key.places.get(at);
    if (found !== undefined) {
      const known = entryValue[this.#firstEntry.at(found)];
      if (!isSameValue(known, value)) {
        const values = `${textOf(known)} and ${textOf(value)} at ${offset}`;
        this.#fault('inconsistent-offset', `key ${key.name} has ${values}`, index);
      }
      return found;
    }
    const place = this.#firstEntry.size;
    key.places.set(at, place);
    this.#firstEntry.push(entry);
    this.#isShown.push(0);
    this.#position.push(-1);
    if (sent !== undefined) this.#noteOffset(key, sent, { at, value, index });
    return place;
  }

  #noteOffset(key: KeyLog, sent: number, { at, value, index }: NewPlace): void {
    const first = this.#firstOffset[sent];
    if (first === undefined) {
      this.#firstOffset[sent] = at;
      return;
    }
    const offsets = this.#offsets.get(sent) ?? new Set([first]);
    this.#offsets.set(sent, offsets.add(at));
    if (offsets.size <= Math.max(1, this.#possible.at(sent))) return;
    const places = [...offsets].join(' and ');
    this.#fault('duplicate', `key ${key.name} has ${textOf(value)} at ${places}`, index);
  }

  #offsetOf(place: number): Offset {
    return this.#table.entryOffset[this.#firstEntry.at(place)]!;
  }

  /** Values known to be at an offset that polls passed without returning them. */
  findLost(): void {
    for (const key of this.#keys) {
      const places = [...key.places.values()];
      key.shown = places
        .filter((place) => this.#isShown.at(place) === 1)
        .sort((a, b) => compareOffsets(this.#offsetOf(a), this.#offsetOf(b)));
      for (const [position, place] of key.shown.entries()) this.#position.set(place, position);
      const last = key.shown.at(-1);
      if (last === undefined) continue;
      const furthest = this.#offsetOf(last);
      for (const place of places) {
        const offset = this.#offsetOf(place);
        if (this.#isShown.at(place) === 1 || compareOffsets(offset, furthest) > 0) continue;
        const value = this.#table.entryValue[this.#firstEntry.at(place)];
        this.#fault('lost', `${textOf(value)} at ${offset} of key ${key.name}`, 0);
      }
    }
  }

  /** Processes a client's next operation, starting from the client's position. */
  step(row: number): void {
    const table = this.#table;
    const client = this.#clientOf(table.process.at(row));
    if (table.isMove(row)) client.polled.clear();
    const firstPolled = table.firstPolled(row);
    for (let entry = firstPolled; entry < table.entriesEnd(row); entry++) {
      const key = table.entryKey.at(entry);
      this.#poll(row, client.polled.get(key), entry);
      client.polled.set(key, entry);
    }
    for (let entry = table.firstEntry(row); entry < firstPolled; entry++) {
      const key = table.entryKey.at(entry);
      const before = client.sent.get(key);
      if (before !== undefined && this.#compare(entry, before) <= 0) {
        this.#fault('reordered', this.#went('send to', before, entry), table.invoked.at(row));
      }
      client.sent.set(key, entry);
    }
  }

  #poll(row: number, before: number | undefined, entry: number): void {
    if (before === undefined) return;
    const index = this.#table.invoked.at(row);
    if (this.#compare(entry, before) <= 0) {
      this.#fault('reordered', this.#went('poll of', before, entry), index);
      return;
    }
    const { shown } = this.#keys[this.#table.entryKey.at(entry)]!;
    const next = shown[this.#position.at(this.#placeOfEntry[before]!) + 1]!;
    if (next === this.#placeOfEntry[entry]) return;
    const past = this.#offsetOf(next);
    this.#fault('skipped', `${this.#went('poll of', before, entry)}, past ${past}`, index);
  }

  #compare(entry: number, other: number): number {
    const { entryOffset } = this.#table;
    return compareOffsets(entryOffset[entry]!, entryOffset[other]!);
  }

  #clientOf(process: number): Client {
    let found = this.#clients.get(process);
    if (found === undefined) {
      found = { polled: new Map(), sent: new Map() };
      this.#clients.set(process, found);
    }
    return found;
  }

  #fault(kind: LogFault, reason: string, index: number): void {
    this.#findings.fault(`${kind}: ${reason}`, index, kind);
  }

  #went(what: string, before: number, entry: number): string {
    const { entryKey, entryOffset } = this.#table;
    const { name } = this.#keys[entryKey.at(entry)]!;
    return `a client's ${what} key ${name} went from ${entryOffset[before]} to ${entryOffset[entry]}`;
  }
}

interface NewPlace {
  readonly at: ValueKey;
  readonly value: unknown;
  readonly index: number;
}
