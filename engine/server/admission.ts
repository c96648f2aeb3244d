/**
 * Admission: bounds the requests that run, the requests that wait, and the bytes that waiting ones hold. A
 * request beyond the bounds is refused at once with `overloaded`, which is definite: an unbounded queue only
 * answers too late. Waiting requests are served in order of arrival.
 */
import type { Clock, Timer } from '../env/clock.ts';
import { nodeClock } from '../env/node/clock.ts';
import { ServerError } from './status.ts';

interface Waiting {
  enter(): void;
  readonly expires: Timer;
  readonly sinceMs: number;
  readonly bytes: number;
}

export interface AdmissionOptions {
  readonly clock?: Clock;
  /** Of the requests that wait. Default: no limit. */
  readonly waitingBytes?: number;
}

export class Admission {
  readonly #clock: Clock;
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waitingBytesMax: number;
  readonly #waiting = new Set<Waiting>();
  /** When each that runs was begun, the earliest first. */
  readonly #begun = new Set<{ readonly atMs: number }>();
  #running = 0;
  #waitingBytes = 0;
  refused = 0;

  constructor(runningMax: number, waitingMax: number, options: AdmissionOptions = {}) {
    const { clock = nodeClock, waitingBytes = Number.POSITIVE_INFINITY } = options;
    this.#clock = clock;
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
    this.#waitingBytesMax = waitingBytes;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get isFull(): boolean {
    return this.#running >= this.#runningMax && this.#waiting.size >= this.#waitingMax;
  }

  /** How long the first in the queue has waited; 0 when nobody waits. */
  get waitingMs(): number {
    const [first] = this.#waiting;
    return first === undefined ? 0 : this.#clock.monotonicMs() - first.sinceMs;
  }

  /** How long the oldest that runs has run; 0 when none does. */
  get longestMs(): number {
    const [first] = this.#begun;
    return first === undefined ? 0 : this.#clock.monotonicMs() - first.atMs;
  }

  /**
   * Runs `work` when there is room. Throws ServerError `overloaded` when too many wait already,
   * `deadline-exceeded` when there was no room before `patienceMs` were over.
   */
  async run<T>(patienceMs: number, work: () => Promise<T> | T, bytes = 0): Promise<T> {
    if (this.#running >= this.#runningMax) await this.#queue(patienceMs, bytes);
    else this.#running++;
    const begun = { atMs: this.#clock.monotonicMs() };
    this.#begun.add(begun);
    try {
      return await work();
    } finally {
      this.#begun.delete(begun);
      this.#leave();
    }
  }

  #queue(patienceMs: number, bytes: number): Promise<void> {
    const isHeavy = this.#waitingBytes + bytes > this.#waitingBytesMax;
    if (isHeavy || this.#waiting.size >= this.#waitingMax) {
      this.refused++;
      const load = `${this.#running} requests run and ${this.#waiting.size} wait`;
      const message = `${load}, with ${this.#waitingBytes} bytes; try again later`;
      return Promise.reject(new ServerError('overloaded', message));
    }
    return new Promise((resolve, reject) => {
      const expires = this.#clock.after(patienceMs, () => {
        this.#forget(waiting);
        const message = 'the deadline passed before the request was begun';
        reject(new ServerError('deadline-exceeded', message));
      });
      const waiting = { enter: resolve, expires, sinceMs: this.#clock.monotonicMs(), bytes };
      this.#waiting.add(waiting);
      this.#waitingBytes += bytes;
    });
  }

  #forget(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#waitingBytes -= waiting.bytes;
  }

  /** Hands the place on, or gives it back. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#forget(next);
    next.expires.cancel();
    next.enter();
  }
}
