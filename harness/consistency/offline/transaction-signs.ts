/**
 * Detects from its events whether a history is one of transactions, and of which kind; stops as soon as it is
 * certain.
 *
 * An append, a predicate read or a delete settles it. A register write settles it provisionally: if an append
 * or a predicate read follows, the history is read again. Transactions that only read, or are empty, settle
 * nothing; a value that is no list of micro-operations is an operation on an object.
 */
import type { HistoryEvent } from '../../contract/history.ts';

export type TransactionKind = 'list-append' | 'rw-register' | 'predicate';

/** What an event settles; `undefined` while everything is open. */
export type Sign = TransactionKind | 'objects' | undefined;

/** Functions of a log that carry no micro-operations. */
const LOG_FUNCTIONS: ReadonlySet<string> = new Set(['assign', 'subscribe', 'crash']);

export class TransactionSigns {
  readonly #micros = new Set<unknown>();
  #showsList = false;
  #showsOther = false;

  note({ f, value, type }: HistoryEvent): Sign {
    if (LOG_FUNCTIONS.has(f)) return 'objects';
    const isTransaction = f === 'txn';
    if (!Array.isArray(value)) return isTransaction ? undefined : 'objects';
    let found: Sign;
    for (const one of value) {
      if (!Array.isArray(one)) return 'objects';
      const [name, , result] = one as readonly unknown[];
      this.#micros.add(name);
      if (name === 'send' || name === 'poll') return 'objects';
      if (name === 'r' && type === 'ok') this.#noteRead(result);
      if (!isTransaction && (name === 'r' || name === 'w')) return 'objects'; // a long fork
      found = KINDS.get(name) ?? found;
    }
    if (found !== undefined) return found;
    return isTransaction || value.length === 0 ? undefined : 'objects';
  }

  /** Of everything that was noted, where nothing was settled on the way. */
  kind(): TransactionKind | undefined {
    if (this.#micros.has('rp') || this.#micros.has('d')) return 'predicate';
    if (this.#micros.has('append')) return 'list-append';
    if (this.#micros.has('w')) return 'rw-register';
    if (!this.#micros.has('r')) return undefined;
    return this.#showsList && !this.#showsOther ? 'list-append' : 'rw-register';
  }

  #noteRead(result: unknown): void {
    if (Array.isArray(result)) this.#showsList = true;
    else if (result !== null && result !== undefined) this.#showsOther = true;
  }
}

const KINDS: ReadonlyMap<unknown, TransactionKind> = new Map<unknown, TransactionKind>([
  ['append', 'list-append'],
  ['rp', 'predicate'],
  ['d', 'predicate'],
  ['w', 'rw-register'],
]);
