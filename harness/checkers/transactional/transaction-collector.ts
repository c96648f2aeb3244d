/** Gathers transactions from the events of a history, into a table of any workload. */
import type { HistoryEvent } from '../../contract/history.ts';
import type { TransactionHistory } from './transaction-history.ts';
import { FAIL, HistoryError, INFO, OK, type TransactionSink } from './transaction-table.ts';

/**
 * Gathers transactions from events in order. An invocation without a completion counts as `info`.
 * Events of processes that are no numbers (a nemesis) are skipped. Throws HistoryError for a
 * process that invokes twice, or a completion without an invocation.
 */
export class TransactionCollector<History extends TransactionSink = TransactionHistory> {
  readonly history: History;
  readonly #open = new Map<number, HistoryEvent>();

  constructor(history: History) {
    this.history = history;
  }

  add(event: HistoryEvent): void {
    const { process, type, index } = event;
    if (!Number.isInteger(process)) return;
    const invocation = this.#open.get(process);
    if (type === 'invoke') {
      if (invocation !== undefined) {
        throw new HistoryError(
          `operation ${index}: process ${process} invokes while ${invocation.index} is open`,
        );
      }
      this.#open.set(process, event);
      return;
    }
    if (invocation === undefined) {
      throw new HistoryError(
        `operation ${index}: process ${process} completes what it never began`,
      );
    }
    this.#open.delete(process);
    const status = type === 'ok' ? OK : type === 'fail' ? FAIL : INFO;
    const operations = type === 'ok' ? event.value : partial(invocation.value, event.value);
    const [startedAt, committedAt] = event.stamps ?? [];
    this.history.add({
      status,
      process,
      invoked: invocation.index,
      completed: index,
      operations,
      startedAt,
      committedAt,
    });
  }

  finish(): History {
    for (const { process, index, value } of this.#open.values()) {
      const completed = Number.POSITIVE_INFINITY;
      const operations = partial(value, undefined);
      this.history.add({ status: INFO, process, invoked: index, completed, operations });
    }
    this.#open.clear();
    return this.history;
  }
}

/** What is known of operations whose outcome is not: the invocation may carry nil, and so may this. */
function partial(invoked: unknown, completed: unknown): unknown {
  if (Array.isArray(invoked)) return invoked;
  return Array.isArray(completed) ? completed : [];
}
