/**
 * EventHeap: pending events, the earliest first. A binary heap whose members know their position, so that
 * cancelling a timer removes it at once. Most timers are cancelled.
 */
export interface HeapEvent {
  readonly timeMs: number;
  /** Decides between events of the same time. */
  readonly tie: number;
  /** Position in the heap; below 0 when it is in none. The heap's own. */
  place: number;
}

export class EventHeap<E extends HeapEvent> {
  readonly #events: E[] = [];

  get size(): number {
    return this.#events.length;
  }

  add(event: E): void {
    this.#events.push(event);
    this.#rise(event, this.#events.length - 1);
  }

  /** Removes and returns the next event; `undefined` if there is none. */
  take(): E | undefined {
    if (this.#events.length === 0) return undefined;
    const first = this.#events[0]!;
    this.remove(first);
    return first;
  }

  /** Requires: it is in this heap. */
  remove(event: E): void {
    const { place } = event;
    event.place = -1;
    const last = this.#events.pop()!;
    if (last === event) return;
    const rises = place > 0 && precedes(last, this.#events[(place - 1) >> 1]!);
    if (rises) this.#rise(last, place);
    else this.#sink(last, place);
  }

  #rise(event: E, from: number): void {
    const events = this.#events;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = events[above]!;
      if (!precedes(event, parent)) break;
      events[place] = parent;
      parent.place = place;
      place = above;
    }
    events[place] = event;
    event.place = place;
  }

  #sink(event: E, from: number): void {
    const events = this.#events;
    const { length } = events;
    let place = from;
    for (let below = 2 * place + 1; below < length; below = 2 * place + 1) {
      let child = events[below]!;
      if (below + 1 < length && precedes(events[below + 1]!, child)) child = events[++below]!;
      if (!precedes(child, event)) break;
      events[place] = child;
      child.place = place;
      place = below;
    }
    events[place] = event;
    event.place = place;
  }
}

function precedes(a: HeapEvent, b: HeapEvent): boolean {
  return a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.tie < b.tie;
}
