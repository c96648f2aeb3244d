/**
 * StreamWait: one stream's wait for its client, with a limit; another owner can revoke the stream during the
 * wait. One wait at a time.
 */
import type { Clock } from '../env/clock.ts';

/** The longest timer that Node takes. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class StreamWait {
  readonly #clock: Clock;
  #revoked: Error | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait, and every later one, with `error`. */
  revoke(error: Error): void {
    this.#revoked ??= error;
    this.#reject?.(this.#revoked);
  }

  /** Throws what `late` answers when `waited` takes longer than `limitMs`, or the revocation. */
  for<T>(waited: Promise<T>, limitMs: number, late: () => Error): Promise<T> {
    if (this.#revoked !== undefined) return Promise.reject(this.#revoked);
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(Math.min(limitMs, TIMER_MAX_MS), () => reject(late()));
      this.#reject = reject;
      const settled = () => {
        timer.cancel();
        this.#reject = undefined;
      };
      waited.finally(settled).then(resolve, reject);
    });
  }
}
