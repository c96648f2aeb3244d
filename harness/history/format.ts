/** HistoryFormat: a file format of histories; one file each in `formats/`. */
import type { HistoryEvent } from '../contract/history.ts';
import type { HistorySource } from './source.ts';

export interface HistoryTraits {
  /** Whether the order of events is real-time order. */
  readonly hasRealTime: boolean;
  /** Remarks on how the file was read, for the report. */
  readonly note?: string;
  /** Initial value of keys, besides nil. */
  readonly initialValue?: unknown;
  /**
   * Whether level names mean the axiomatic definitions, with sessions, as in the tool that writes the
   * format.
   */
  readonly axiomatic: boolean;
  /** The workload, where the format has only one. */
  readonly workload?: string;
  /** Whether values are [key, value] pairs. */
  readonly independent?: boolean;
  /** How the run was judged, if Assay recorded the history. */
  readonly run?: RunHeader;
}

/** Header that a run writes at the start of its history: how it was judged. */
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
   * Visits the events in order. Returns traits discovered on the way. Throws FormatError with the
   * position of malformed text.
   */
  read(source: HistorySource, visit: (event: HistoryEvent) => void): Partial<HistoryTraits>;
}

export { FormatError } from './format-error.ts';

/** Position of an event: its line number, or words. Formatted only for an error message. */
export type Place = number | string;
export const placeText = (place: Place) => (typeof place === 'number' ? `line ${place}` : place);

/** The beginning of the text, without byte order mark and whitespace. */
export function headText(head: Buffer): string {
  return head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
}

/**
 * For formats that list whole transactions: gives each an invocation, immediately followed by its
 * completion.
 */
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
