/**
 * Scheduler: virtual time. Events fire in the order of their time; the order of events at the same
 * time is drawn from the seed. Between two events all microtasks run, because the scheduler waits
 * for one macrotask: so what happens depends on the seed alone.
 *
 * This is the only place of the simulation that may call `setImmediate`.
 */
import type { Prng } from '../../random/prng.ts';
import { EventHeap } from './event-heap.ts';

export interface ScheduledTimer {
  cancel(): void;
}

/** Something that is to happen; out of the heap (`place` below 0) once it has, or was cancelled. */
class Event implements ScheduledTimer {
  readonly timeMs: number;
  readonly tie: number;
  readonly run: () => void;
  readonly #heap: EventHeap<Event>;
  place = -1;

  constructor(heap: EventHeap<Event>, timeMs: number, tie: number, run: () => void) {
    this.#heap = heap;
    this.timeMs = timeMs;
    this.tie = tie;
    this.run = run;
  }

  cancel(): void {
    if (this.place >= 0) this.#heap.remove(this);
  }
}

/** A run that needs more events than this, and that `endAfter` did not bound, has lost its way. */
const EVENTS_MAX = 10_000_000;
/** Macrotasks that are asked for together: each turn of Node's own loop costs more than an event. */
const TURNS_AT_ONCE = 64;

export class Scheduler {
  readonly #random: Prng;
  readonly #heap = new EventHeap<Event>();
  nowMs = 0;
  fired = 0;
  #mostFired = EVENTS_MAX;

  constructor(random: Prng) {
    this.#random = random;
  }

  after(delayMs: number, run: () => void): ScheduledTimer {
    const timeMs = this.nowMs + Math.max(0, delayMs);
    const event = new Event(this.#heap, timeMs, this.#random.nextUint32(), run);
    this.#heap.add(event);
    return event;
  }

  /** From now on at most `events` may fire. The next one makes `runUntil` reject: what runs is endless. */
  endAfter(events: number): void {
    this.#mostFired = this.fired + events;
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
    const event = this.#heap.take();
    if (event === undefined) throw new Error('deadlock: no event is left and the goal is open');
    this.nowMs = event.timeMs;
    if (++this.fired > this.#mostFired) throw new Error(`an endless loop: event ${this.fired}`);
    event.run();
  }
}
