/** HistoryFormat: one way to write a history down; a file each in `formats/`. */
import type { HistoryEvent } from '../contract/history.ts';
import type { HistorySource } from './source.ts';

export interface HistoryTraits {
  /** Whether the order of events is an order in real time. */
  readonly hasRealTime: boolean;
  /** What is to be known of how the file was read, for people. */
  readonly note?: string;
  /** What a key holds before it is written, besides nil. */
  readonly initialValue?: unknown;
  /** Whether the tool that writes it means the axiomatic levels, with sessions. */
  readonly axiomatic: boolean;
  /** The workload, where the format has only one. */
  readonly workload?: string;
  /** Whether values are pairs of a key and its own value. */
  readonly independent?: boolean;
  /** The run that wrote it, when that was one of Assay's. */
  readonly run?: RunHeader;
}

/** What a run writes first into its history: who judged it. */
export interface RunHeader {
  readonly workload: string;
  readonly checkers: readonly string[];
}

export interface HistoryFormat {
  readonly name: string;
  readonly doc: string;
  readonly traits: HistoryTraits;
  detect(head: Buffer): boolean;
  /**
   * Visits the events in order. Answers traits found out on the way.
   * Throws FormatError with the place of what is malformed.
   */
  read(source: HistorySource, visit: (event: HistoryEvent) => void): Partial<HistoryTraits>;
}

export { FormatError } from './format-error.ts';

/** Where an event stands: the number of its line, or in words. Made a text only for a complaint. */
export type Place = number | string;
export const placeText = (place: Place) => (typeof place === 'number' ? `line ${place}` : place);

/** The beginning as text, without a byte order mark and blanks. */
export function headText(head: Buffer): string {
  return head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
}

/** Formats of whole transactions: gives each an invocation and a completion right after it. */
export class TransactionWriter {
  readonly #visit: (event: HistoryEvent) => void;
  #index = 0;

  constructor(visit: (event: HistoryEvent) => void) {
    this.#visit = visit;
  }

  add(
    process: number,
    operations: readonly unknown[],
    type: 'ok' | 'fail' | 'info' = 'ok',
    stamps?: readonly [start: number, commit: number],
  ): void {
    const index = this.#index;
    this.#index += 2;
    const base = { process, f: 'txn', value: operations, timeMs: 0 };
    this.#visit({ ...base, index, type: 'invoke' });
    this.#visit({ ...base, index: index + 1, type, ...(stamps && { stamps }) });
  }
}

/** Groups operations into transactions and those into sessions, both in order of appearance. */
export class SessionGroups {
  readonly #sessions = new Map<string, Map<string, unknown[]>>();

  add(session: string, transaction: string, operation: unknown): void {
    let own = this.#sessions.get(session);
    if (own === undefined) {
      own = new Map();
      this.#sessions.set(session, own);
    }
    const operations = own.get(transaction);
    if (operations === undefined) own.set(transaction, [operation]);
    else operations.push(operation);
  }

  writeTo(writer: TransactionWriter, type: 'ok' | 'fail'): void {
    for (const [process, transactions] of [...this.#sessions.values()].entries()) {
      for (const operations of transactions.values()) writer.add(process, operations, type);
    }
  }
}
