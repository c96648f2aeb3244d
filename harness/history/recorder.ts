/**
 * Recorder: records a history while it happens: in columns in memory (typed arrays for all but the
 * values), and as lines on disk, so that a run that dies keeps its events.
 */
import type { EventType, HistoryEvent } from '../contract/history.ts';

const TYPES: readonly EventType[] = ['invoke', 'ok', 'fail', 'info'];
const INITIAL_EVENTS = 1024;

export class Recorder {
  readonly #now: () => number;
  readonly #sink: ((line: string) => void) | undefined;
  #types = new Uint8Array(INITIAL_EVENTS);
  #processes = new Int32Array(INITIAL_EVENTS);
  #times = new Float64Array(INITIAL_EVENTS);
  #functions = new Uint16Array(INITIAL_EVENTS);
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];

  /** `now`: milliseconds since the run began. `sink` receives each event as a JSON line. */
  constructor(now: () => number, sink?: (line: string) => void) {
    this.#now = now;
    this.#sink = sink;
  }

  get length(): number {
    return this.#values.length;
  }

  record(type: EventType, process: number, f: string, value: unknown): void {
    const index = this.#values.length;
    if (index === this.#types.length) this.#grow();
    let name = this.#names.indexOf(f);
    if (name < 0) name = this.#names.push(f) - 1;
    this.#types[index] = TYPES.indexOf(type);
    this.#processes[index] = process;
    this.#times[index] = this.#now();
    this.#functions[index] = name;
    this.#values.push(value);
    this.#sink?.(eventLine(this.at(index)));
  }

  at(index: number): HistoryEvent {
    return {
      index,
      type: TYPES[this.#types[index]!]!,
      process: this.#processes[index]!,
      f: this.#names[this.#functions[index]!]!,
      value: this.#values[index],
      timeMs: this.#times[index]!,
    };
  }

  events(): HistoryEvent[] {
    const events: HistoryEvent[] = [];
    for (let index = 0; index < this.length; index++) events.push(this.at(index));
    return events;
  }

  #grow(): void {
    const capacity = 2 * this.#types.length;
    const widen = <A extends Uint8Array | Int32Array | Float64Array | Uint16Array>(
      old: A,
      wider: A,
    ): A => {
      wider.set(old);
      return wider;
    };
    this.#types = widen(this.#types, new Uint8Array(capacity));
    this.#processes = widen(this.#processes, new Int32Array(capacity));
    this.#times = widen(this.#times, new Float64Array(capacity));
    this.#functions = widen(this.#functions, new Uint16Array(capacity));
  }
}

/** One event as a line of JSON, in Jepsen's field names. */
export function eventLine({ index, type, process, f, value, timeMs }: HistoryEvent): string {
  const time = Math.round(timeMs * 1e6);
  return `${JSON.stringify({ index, type, process, f, value, time })}\n`;
}

/** Hash of all events: two runs with equal hashes had the same events in the same order. */
export function historyHash(events: Iterable<HistoryEvent>): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (const event of events) {
    const line = eventLine(event);
    for (let i = 0; i < line.length; i++) {
      a = Math.imul(a ^ line.charCodeAt(i), 0x01000193);
      b = Math.imul(b ^ line.charCodeAt(i), 0x85ebca6b);
    }
  }
  return [a, b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
