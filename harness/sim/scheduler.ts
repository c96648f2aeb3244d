/**
 * Scheduler: virtual time. Events fire in the order of their time; the order of events at the same
 * time is drawn from the seed. Between two events all microtasks run, because the scheduler waits
 * for one macrotask: so what happens depends on the seed alone.
 *
 * This is the only place of the simulation that may call `setImmediate`.
 */
import type { Prng } from '../random/prng.ts';

export interface ScheduledTimer {
  cancel(): void;
}

class Event implements ScheduledTimer {
  readonly timeMs: number;
  readonly tie: number;
  run: (() => void) | undefined;

  constructor(timeMs: number, tie: number, run: () => void) {
    this.timeMs = timeMs;
    this.tie = tie;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/** A run that needs more events than this has lost its way. */
const EVENTS_MAX = 10_000_000;
/** Macrotasks that are asked for together: each turn of Node's own loop costs more than an event. */
const TURNS_AT_ONCE = 64;

export class Scheduler {
  readonly #random: Prng;
  readonly #heap: Event[] = [];
  nowMs = 0;
  fired = 0;

  constructor(random: Prng) {
    this.#random = random;
  }

  after(delayMs: number, run: () => void): ScheduledTimer {
    const timeMs = this.nowMs + Math.max(0, delayMs);
    const event = new Event(timeMs, this.#random.nextUint32(), run);
    this.#push(event);
    return event;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /**
   * Fires events until `goal` settles, and answers its value. Throws when nothing is left to fire
   * and the goal is still open: then something waits for an event that nobody will cause.
   */
  runUntil<T>(goal: Promise<T>): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    goal.then(mark, mark);
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (outcome: Promise<T>) => {
        over = true;
        outcome.then(resolve, reject);
      };
      const turn = () => {
        if (over) return;
        if (settled) return end(goal);
        try {
          this.#fireNext();
        } catch (error) {
          end(Promise.reject(error));
        }
      };
      const turns = () => {
        if (over) return;
        for (let i = 0; i < TURNS_AT_ONCE; i++) setImmediate(turn);
        setImmediate(turns);
      };
      turns();
    });
  }

  #fireNext(): void {
    let event = this.#pop();
    while (event !== undefined && event.run === undefined) event = this.#pop();
    if (event?.run === undefined)
      throw new Error('deadlock: no event is left and the goal is open');
    this.nowMs = event.timeMs;
    if (++this.fired > EVENTS_MAX) throw new Error(`no end after ${EVENTS_MAX} events`);
    event.run();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++;
      if (!precedes(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function precedes(a: Event, b: Event): boolean {
  return a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.tie < b.tie;
}
