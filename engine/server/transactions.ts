/**
 * Transactions that a client holds open across requests. Each has a deadline, because an abandoned
 * one keeps old versions alive; past it the server rolls it back.
 */
import type { Database } from '../database.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { ServerError } from './status.ts';

interface Held {
  readonly transaction: Transaction;
  readonly expires: NodeJS.Timeout;
}

export class Transactions {
  readonly #store: Database;
  readonly #held = new Map<string, Held>();
  readonly #max: number;
  readonly #deadlineMaxMs: number;
  /** Distinguishes the transactions of this process from those of the one before. */
  readonly #process: string;
  #next = 1;

  constructor(store: Database, process: string, max: number, deadlineMaxMs: number) {
    this.#store = store;
    this.#process = process;
    this.#max = max;
    this.#deadlineMaxMs = deadlineMaxMs;
  }

  get count(): number {
    return this.#held.size;
  }

  /** `deadlineMs` 0: the server's limit. Throws ServerError `overloaded`. */
  begin(deadlineMs: number): string {
    if (this.#held.size >= this.#max) {
      throw new ServerError('overloaded', `${this.#max} transactions are open, which is the limit`);
    }
    const id = `${this.#process}-${this.#next++}`;
    const transaction = this.#store.begin();
    const wanted = deadlineMs > 0 ? deadlineMs : this.#deadlineMaxMs;
    const expires = setTimeout(() => this.rollback(id), Math.min(wanted, this.#deadlineMaxMs));
    expires.unref();
    this.#held.set(id, { transaction, expires });
    return id;
  }

  /** Throws ServerError `transaction-unknown`: finished, past its deadline, or of another process. */
  get(id: string): Transaction {
    return this.#find(id).transaction;
  }

  /** Takes it out, to commit it. Throws as `get`. */
  take(id: string): Transaction {
    const { transaction, expires } = this.#find(id);
    clearTimeout(expires);
    this.#held.delete(id);
    return transaction;
  }

  /** Does nothing for one that is not there. */
  rollback(id: string): void {
    if (this.#held.has(id)) this.take(id).rollback();
  }

  rollbackAll(): void {
    for (const id of [...this.#held.keys()]) this.rollback(id);
  }

  #find(id: string): Held {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    const message = `transaction ${id} is not open: finished, past its deadline, or of an earlier process`;
    throw new ServerError('transaction-unknown', message);
  }
}
