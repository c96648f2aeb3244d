/**
 * Admission: how many requests run, and how many wait. What is beyond both is refused at once with
 * `overloaded`, which is definite: a queue that grows without bound only answers too late.
 */
import { ServerError } from './status.ts';

interface Waiting {
  enter(): void;
  readonly expires: NodeJS.Timeout;
}

export class Admission {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;
  refused = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Runs `work` when there is room. Throws ServerError `overloaded` when too many wait already,
   * `deadline-exceeded` when there was no room before `patienceMs` were over.
   */
  async run<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#runningMax) await this.#queue(patienceMs);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #queue(patienceMs: number): Promise<void> {
    if (this.#waiting.size >= this.#waitingMax) {
      this.refused++;
      const load = `${this.#running} requests run and ${this.#waiting.size} wait`;
      return Promise.reject(new ServerError('overloaded', `${load}; try again later`));
    }
    return new Promise((resolve, reject) => {
      const expires = setTimeout(
        () => {
          this.#waiting.delete(waiting);
          const message = 'the deadline passed before the request was begun';
          reject(new ServerError('deadline-exceeded', message));
        },
        Math.min(patienceMs, 2 ** 31 - 1),
      );
      const waiting: Waiting = { enter: resolve, expires };
      this.#waiting.add(waiting);
    });
  }

  /** Hands the place on, or gives it back. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    clearTimeout(next.expires);
    next.enter();
  }
}
