/**
 * Recorded: a transactional history as recorded, for the witness verifier. It pairs invocations and
 * completions on its own, so that it shares no defect with the checkers.
 */
import type { HistoryEvent } from '../contract/history.ts';

export type Kind = 'list-append' | 'rw-register' | 'predicate';
export type Operation = readonly unknown[];

export interface RecordedTransaction {
  /** Transaction name (T and the index of its invocation). */
  readonly name: string;
  readonly process: number;
  readonly status: 'ok' | 'fail' | 'info';
  readonly invoked: number;
  /** Infinity if indeterminate. */
  readonly completed: number;
  readonly operations: readonly Operation[];
}

export interface Recorded {
  readonly kind: Kind;
  readonly hasRealTime: boolean;
  /** Initial value of a register, besides nil. */
  readonly initial: unknown;
  readonly transactions: readonly RecordedTransaction[];
}

/**
 * Collects transactions from events in order. A completion without an invocation is a transaction by
 * itself.
 */
export class Recording {
  readonly #transactions: RecordedTransaction[] = [];
  readonly #open = new Map<number, HistoryEvent>();

  add(event: HistoryEvent): void {
    if (!Number.isInteger(event.process)) return;
    if (event.type === 'invoke') this.#open.set(event.process, event);
    else {
      this.#close(this.#open.get(event.process) ?? event, event);
      this.#open.delete(event.process);
    }
  }

  finish(kind: Kind, hasRealTime: boolean, initial: unknown): Recorded {
    for (const open of this.#open.values()) this.#close(open, undefined);
    this.#open.clear();
    return { kind, hasRealTime, initial, transactions: this.#transactions };
  }

  #close(invocation: HistoryEvent, completion: HistoryEvent | undefined): void {
    const type = completion?.type ?? 'info';
    const shown = type === 'ok' ? completion!.value : (invocation.value ?? completion?.value);
    this.#transactions.push({
      name: `T${invocation.index}`,
      process: invocation.process,
      status: type === 'ok' ? 'ok' : type === 'fail' ? 'fail' : 'info',
      invoked: invocation.index,
      completed: type === 'ok' || type === 'fail' ? completion!.index : Number.POSITIVE_INFINITY,
      operations: Array.isArray(shown) ? (shown as Operation[]) : [],
    });
  }
}
