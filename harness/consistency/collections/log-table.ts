/**
 * LogTable: the operations of a log in columns, filled event by event. As objects, a million messages
 * would cost more to store than to check.
 *
 * One row per operation, in the order of invocation. Its sends and its entries (results: first
 * acknowledged sends, then polls) are contiguous in separate columns.
 *
 * Polls in JSON name keys by strings; which keys they mean is known after all sends (KeyNames). Until
 * `finish` such keys have negative numbers.
 */
import type { EventType, HistoryEvent, Operation } from '../../contract/history.ts';
import { OpenInvocations } from '../../contract/pairing.ts';
import { KeyNames } from '../../history/poll-keys.ts';
import { GrowingFloats, GrowingInts } from '../graph/columns.ts';
import { Numbering } from '../graph/transaction-table.ts';
import { eachAck, eachPolled, eachSend, type Offset } from './log-entries.ts';

/** These reset a client's position. */
const MOVES: ReadonlySet<string> = new Set(['assign', 'subscribe', 'crash']);
const FUNCTIONS: ReadonlySet<string> = new Set(['send', 'poll', 'txn', ...MOVES]);

/** Whether a log has operations of this name. */
export const isOfLog = ({ f }: { readonly f: string }) => FUNCTIONS.has(f);

/** Bits of a row. */
const IS_MOVE = 1;
const IS_OK = 2;
const HAS_FAILED = 4;

export class LogTable {
  readonly #open = new OpenInvocations<number>();
  readonly #names = new KeyNames();
  readonly #namedKeys = new Numbering();
  #showsLog = false;

  readonly keys = new Numbering();
  /** Malformed polls, with their rows. */
  readonly complaints: { readonly row: number; readonly what: string }[] = [];

  readonly process = new GrowingFloats();
  readonly invoked = new GrowingFloats();
  readonly #bits = new GrowingInts();
  readonly #firstSend = new GrowingInts();
  readonly #firstEntry = new GrowingInts();
  readonly #firstPolled = new GrowingInts();
  readonly #entriesEnd = new GrowingInts();

  readonly sendKey = new GrowingInts();
  readonly sendValue: unknown[] = [];

  readonly entryKey = new GrowingInts();
  readonly entryOffset: Offset[] = [];
  readonly entryValue: unknown[] = [];

  /** Of whole operations. */
  static of(operations: readonly Operation[]): LogTable {
    const table = new LogTable();
    for (const { process, f, input, output, type, invokedIndex } of operations) {
      const row = table.#begin(process, f, input, invokedIndex);
      table.#complete(row, type, output);
    }
    return table;
  }

  get size(): number {
    return this.invoked.size;
  }

  /** Adds the event if it belongs to a log; returns whether it does. Throws MalformedHistory. */
  take(event: HistoryEvent): boolean {
    const { process, f, type, value, index } = event;
    if (!isOfLog(event)) return false;
    this.#showsLog ||= f === 'send' || f === 'poll';
    if (type === 'invoke') this.#open.invoke(event, this.#begin(process, f, value, index));
    else this.#complete(this.#open.complete(event), type, value);
    return true;
  }

  /** Whether an operation identifies a log; a transaction does not. */
  get isSure(): boolean {
    return this.#showsLog || this.sendKey.size > 0 || this.entryKey.size > 0;
  }

  /** Call after the last event. */
  finish(): void {
    const numbers: number[] = [];
    for (let i = 0; i < this.#namedKeys.size; i++) {
      const name = this.#namedKeys.original(i) as string;
      numbers.push(this.keys.numberOf(this.#names.named(name)));
    }
    const keys = this.entryKey.view();
    for (let i = 0; i < keys.length; i++) if (keys[i]! < 0) keys[i] = numbers[-1 - keys[i]!]!;
  }

  isMove = (row: number) => (this.#bits.at(row) & IS_MOVE) !== 0;
  isOk = (row: number) => (this.#bits.at(row) & IS_OK) !== 0;
  hasFailed = (row: number) => (this.#bits.at(row) & HAS_FAILED) !== 0;

  firstSend = (row: number) => this.#firstSend.at(row);
  sendsEnd = (row: number) =>
    row + 1 < this.size ? this.#firstSend.at(row + 1) : this.sendKey.size;
  firstEntry = (row: number) => this.#firstEntry.at(row);
  firstPolled = (row: number) => this.#firstPolled.at(row);
  entriesEnd = (row: number) => this.#entriesEnd.at(row);

  #begin(process: number, f: string, input: unknown, index: number): number {
    const row = this.size;
    this.process.push(process);
    this.invoked.push(index);
    this.#bits.push(MOVES.has(f) ? IS_MOVE : 0);
    this.#firstSend.push(this.sendKey.size);
    eachSend(input, (key, value) => {
      this.#names.note(key);
      this.sendKey.push(this.keys.numberOf(key));
      this.sendValue.push(value);
    });
    for (const column of [this.#firstEntry, this.#firstPolled, this.#entriesEnd]) column.push(0);
    return row;
  }

  #complete(row: number, type: EventType, output: unknown): void {
    if (type === 'fail') this.#bits.set(row, this.#bits.at(row) | HAS_FAILED);
    if (type !== 'ok') return;
    this.#bits.set(row, this.#bits.at(row) | IS_OK);
    this.#firstEntry.set(row, this.entryKey.size);
    eachAck(output, (key, offset, value) => this.#entry(this.keys.numberOf(key), offset, value));
    this.#firstPolled.set(row, this.entryKey.size);
    const complain = (what: string) => this.complaints.push({ row, what });
    const take = (key: unknown, isName: boolean, offset: Offset, value: unknown) => {
      const number = isName ? -1 - this.#namedKeys.numberOf(key) : this.keys.numberOf(key);
      this.#entry(number, offset, value);
    };
    eachPolled(output, take, complain);
    this.#entriesEnd.set(row, this.entryKey.size);
  }

  #entry(key: number, offset: Offset, value: unknown): void {
    this.entryKey.push(key);
    this.entryOffset.push(offset);
    this.entryValue.push(value);
  }
}
