/**
 * Transactions that a client holds open across requests.
 *
 * Each has a deadline, because an abandoned one keeps old versions alive; past it the server rolls
 * it back. When all places are taken, the one that no request used for longest is rolled back for the
 * newcomer. What a transaction wrote is counted, overwritten values too, and so is what it read where
 * reads are remembered: beyond the limit a write is refused, and the transaction stays as it was.
 */
import type { Database } from '../database.ts';
import type { Clock, Timer } from '../env/clock.ts';
import type { Random } from '../env/random.ts';
import { StoreError } from '../errors.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import { type Lease, Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import { ServerError } from './status.ts';

interface Held {
  readonly transaction: Transaction;
  readonly expires: Timer;
  readonly lease: Lease;
  bytes: number;
}

/** A transaction idle for less than this is never rolled back for another. */
const EVICT_AFTER_MS = 100;
/** Beside its bytes, what a write or a remembered read takes. */
const ENTRY_BYTES = 128;
/** Overwritten values count as well, so a transaction that still fits a segment may hold more. */
const SEGMENTS_MAX = 2;

export interface TransactionsParts {
  readonly store: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Pick<
    Limits,
    'transactions' | 'transactionMs' | 'transactionBytes' | 'transactionsBytes'
  >;
}

export class Transactions {
  readonly #parts: TransactionsParts;
  readonly #held = new Map<string, Held>();
  readonly #leases: Leases;
  /** Distinguishes the transactions of this process from those of the one before. */
  readonly #process: string;
  readonly #bytesMax: number;
  readonly #remembersReads: boolean;
  #next = 1;
  /** Of all. */
  bytes = 0;

  constructor(parts: TransactionsParts) {
    const { store, clock, random, limits } = parts;
    this.#parts = parts;
    this.#process = random.nextUint32().toString(16);
    this.#bytesMax = Math.min(limits.transactionBytes, SEGMENTS_MAX * store.settings.segmentBytes);
    this.#remembersReads = store.settings.isolation === 'serializable';
    const max = limits.transactions;
    this.#leases = new Leases({ clock, max, what: 'transactions', evictAfterMs: EVICT_AFTER_MS });
  }

  get count(): number {
    return this.#held.size;
  }

  /** `deadlineMs` 0: the server's limit. Throws ServerError `overloaded`. */
  begin(deadlineMs: number): string {
    const { store, clock, limits } = this.#parts;
    const id = `${this.#process}-${this.#next++}`;
    const lease = this.#leases.take(() => this.rollback(id));
    const wanted = deadlineMs > 0 ? deadlineMs : limits.transactionMs;
    const rollBack = () => this.rollback(id);
    const expires = clock.after(Math.min(wanted, limits.transactionMs), rollBack);
    this.#held.set(id, { transaction: store.begin(), expires, lease, bytes: 0 });
    return id;
  }

  /** Throws ServerError `transaction-unknown`: finished, past its deadline, or of another process. */
  get(id: string): Transaction {
    const { lease, transaction } = this.#find(id);
    lease.busy();
    lease.idle();
    return transaction;
  }

  /** Counts a write before it is made. Throws StoreError `transaction-too-large`, or `overloaded`. */
  chargeWrite(id: string, bytes: number): void {
    this.#charge(this.#find(id), bytes + ENTRY_BYTES);
  }

  /** Counts a read, where it is remembered. Throws as `chargeWrite`. */
  chargeRead(id: string, bytes: number): void {
    if (this.#remembersReads) this.#charge(this.#find(id), bytes + ENTRY_BYTES);
  }

  /** Takes it out, to commit it. Throws as `get`. */
  take(id: string): Transaction {
    const held = this.#find(id);
    held.expires.cancel();
    held.lease.release();
    this.#held.delete(id);
    this.bytes -= held.bytes;
    return held.transaction;
  }

  /** Does nothing for an unknown one. */
  rollback(id: string): void {
    if (this.#held.has(id)) this.take(id).rollback();
  }

  rollbackAll(): void {
    for (const id of [...this.#held.keys()]) this.rollback(id);
  }

  #charge(held: Held, bytes: number): void {
    if (held.bytes + bytes > this.#bytesMax) {
      const holds = `the transaction holds ${held.bytes} bytes, and ${bytes} more are over its limit`;
      const message = `${holds} of ${this.#bytesMax}; commit what it holds, or roll it back`;
      throw new StoreError('transaction-too-large', message, true);
    }
    held.lease.busy();
    try {
      while (this.bytes + bytes > this.#parts.limits.transactionsBytes) {
        if (this.#leases.evictIdlest()) continue;
        throw new ServerError('overloaded', `open transactions hold ${this.bytes} bytes already`);
      }
    } finally {
      held.lease.idle();
    }
    held.bytes += bytes;
    this.bytes += bytes;
  }

  #find(id: string): Held {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    const message = `transaction ${id} is not open: finished, past its deadline, or of an earlier process`;
    throw new ServerError('transaction-unknown', message);
  }
}
