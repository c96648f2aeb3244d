/**
 * Retries: runs transactions again after conflicts, so that none starves. On a
 * hot key the transaction that has just committed may win again and
 * again. So a transaction that has lost often becomes the elder: until it is through, others wait
 * before they begin or try again, though never long, for the elder's own body may be what begins one.
 */
import type { Clock } from '../env/clock.ts';
import { isStoreError, type StoreError } from '../errors.ts';
import type { CommitOptions, Transaction } from './transaction.ts';

/** Conflicts after which the error goes to the caller. */
const RETRIES_MAX = 100;
const ELDER_AFTER = 8;
const POLITE_MS = 20;

export class Retries {
  readonly #clock: Clock;
  /** Resolves when the elder is through. */
  #elder: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Runs `body` in a transaction of `begin` and commits it. `passed` waits until the commit that
   * stood in the way is visible. Throws what `body` throws, and `conflict` after 100 tries.
   */
  async run<T>(
    begin: () => Transaction,
    body: (transaction: Transaction) => T | Promise<T>,
    options: CommitOptions | undefined,
    passed: (conflict: StoreError) => Promise<void>,
  ): Promise<T> {
    let abdicate: (() => void) | undefined;
    try {
      for (let retries = 0; ; retries++) {
        if (abdicate === undefined && this.#elder !== undefined) await this.#letPass(this.#elder);
        if (retries >= ELDER_AFTER) abdicate ??= this.#becomeElder();
        const transaction = begin();
        try {
          const result = await body(transaction);
          await transaction.commit(options);
          return result;
        } catch (error) {
          transaction.rollback();
          if (!isStoreError(error, 'conflict') || retries === RETRIES_MAX) throw error;
          await passed(error);
        }
      }
    } finally {
      abdicate?.();
    }
  }

  /** `undefined` where there is one already. */
  #becomeElder(): (() => void) | undefined {
    if (this.#elder !== undefined) return undefined;
    let abdicate = () => {};
    this.#elder = new Promise((resolve) => {
      abdicate = () => {
        this.#elder = undefined;
        resolve();
      };
    });
    return abdicate;
  }

  #letPass(elder: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const patience = this.#clock.after(POLITE_MS, resolve);
      void elder.then(() => {
        patience.cancel();
        resolve();
      });
    });
  }
}
