/** Collects transactions from the events of a history, into a table of any workload. */
import type { HistoryEvent } from '../../contract/history.ts';
import { OpenInvocations } from '../../contract/pairing.ts';
import { isSameValue, textOf } from '../../contract/value.ts';
import type { TransactionHistory } from './transaction-history.ts';
import { FAIL, HistoryError, INFO, OK, type TransactionSink } from './transaction-table.ts';

/**
 * Gathers transactions from events in order. An invocation without a completion counts as `info`.
 * Events of processes that are no numbers (a nemesis) are skipped. Throws
 * MalformedHistory for what can't be paired.
 *
 * A history without any invocation (as short examples are written) is one without real time: its
 * transactions have each client's own order and no other.
 */
export class TransactionCollector<History extends TransactionSink = TransactionHistory> {
  readonly history: History;
  readonly #open = new OpenInvocations<HistoryEvent>();
  #invocations = 0;
  /** The first completion without an invocation. */
  #bare: HistoryEvent | undefined;

  constructor(history: History) {
    this.history = history;
  }

  add(event: HistoryEvent): void {
    const { process, type, index } = event;
    if (!Number.isInteger(process)) return;
    if (type === 'invoke') {
      this.#invocations++;
      if (this.#bare !== undefined) this.#open.complete(this.#bare); // throws: nothing began it
      this.#open.invoke(event, event);
      return;
    }
    const isBare = this.#invocations === 0;
    const invocation = isBare ? event : this.#open.complete(event);
    if (isBare) {
      this.#bare ??= event;
      this.history.hasRealTime = false;
    }
    const status = type === 'ok' ? OK : type === 'fail' ? FAIL : INFO;
    if (type === 'ok') refuseOthers(invocation, event);
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
    for (const { process, index, value } of this.#open.left()) {
      const completed = Number.POSITIVE_INFINITY;
      const operations = partial(value, undefined);
      this.history.add({ status: INFO, process, invoked: index, completed, operations });
    }
    this.#open.clear();
    return this.history;
  }
}

/**
 * A transaction completes with the operations it invoked, and with the values they wrote; what a
 * read returned, and a value that the client drew only later, are new. Throws HistoryError.
 */
function refuseOthers(invocation: HistoryEvent, { value: completed }: HistoryEvent): void {
  const { value: invoked } = invocation;
  if (invoked === completed || !Array.isArray(invoked) || !Array.isArray(completed)) return;
  const at = invoked.findIndex((one, i) => !isCompletionOf(one, completed[i]));
  if (at < 0 && invoked.length === completed.length) return;
  const i = at < 0 ? Math.min(invoked.length, completed.length) : at;
  const [was, is] = [invoked, completed].map((list) =>
    i < list.length ? textOf(list[i]) : 'nothing',
  );
  const name = `operation ${invocation.index}`;
  throw new HistoryError(`${name}: it invoked ${was} and completed ${is} as its ${i + 1}. step`);
}

function isCompletionOf(invoked: unknown, completed: unknown): boolean {
  if (!Array.isArray(invoked) || !Array.isArray(completed)) return true; // refused as no operation
  if (invoked[0] !== completed[0] || !isSameValue(invoked[1], completed[1])) return false;
  const isWrite = invoked[0] === 'append' || invoked[0] === 'w';
  const [before, after] = [invoked[2] ?? null, completed[2] ?? null];
  return !isWrite || before === null || before === after || isSameValue(before, after);
}

/** What is known of operations whose outcome is not: the invocation may carry nil, and so may this. */
function partial(invoked: unknown, completed: unknown): unknown {
  if (Array.isArray(invoked)) return invoked;
  return Array.isArray(completed) ? completed : [];
}
