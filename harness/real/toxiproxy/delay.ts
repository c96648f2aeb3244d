/** Delay: holds chunks until an instant each, in order; the close waits behind them. */
import { cancelLater, type Later, later } from './later.ts';
import { costOf, type Held, type Next, type Stage } from './stage.ts';

export class Delay implements Stage {
  readonly #next: Next;
  readonly #dueFor: (held: Held) => number;
  #held: (Held & { readonly due: number })[] = [];
  #timer: Later | undefined;
  heldBytes = 0;

  /** `dueFor`: the instant at which a chunk, or the close, may go on at the earliest. */
  constructor(next: Next, dueFor: (held: Held) => number) {
    this.#next = next;
    this.#dueFor = dueFor;
  }

  push(chunk: Buffer, arrived: number): void {
    this.#hold({ chunk, arrived });
  }

  end(): void {
    this.#hold({ chunk: undefined, arrived: performance.now() });
  }

  take(): Held[] {
    cancelLater(this.#timer);
    this.heldBytes = 0;
    return this.#held.splice(0);
  }

  #hold(held: Held): void {
    const last = this.#held.at(-1)?.due ?? 0;
    this.#held.push({ ...held, due: Math.max(last, this.#dueFor(held)) });
    this.heldBytes += costOf(held);
    if (this.#held.length === 1) this.#arm();
  }

  #arm(): void {
    const [first] = this.#held;
    if (first === undefined || first.due === Number.POSITIVE_INFINITY) return;
    this.#timer = later(first.due - performance.now(), () => this.#fire());
  }

  #fire(): void {
    const now = performance.now() + 0.5;
    const due = this.#held.findIndex((held) => held.due > now);
    for (const held of this.#held.splice(0, due < 0 ? this.#held.length : due)) {
      const { chunk, arrived } = held;
      this.heldBytes -= costOf(held);
      if (chunk === undefined) this.#next.end();
      else this.#next.push(chunk, arrived);
    }
    this.#arm();
  }
}
