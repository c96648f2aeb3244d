/**
 * Events that say no process, as short examples of Elle's are written: which invocation a
 * completion belongs to shows in what both ask for. Each pair becomes a process of its own, so
 * nothing is told of sessions; nothing is told of real time either.
 */
import type { HistoryEvent } from '../../contract/history.ts';
import { textOf } from '../../contract/value.ts';
import { FormatError, type HistoryTraits, type Place, placeText } from '../format.ts';
import { NO_PROCESS } from './events.ts';

export class WithoutProcess {
  /** Processes of open invocations, first ones first, by what was asked for. */
  readonly #open = new Map<string, number[]>();
  #next = 0;
  /** Where the first event without a process stands. */
  #first: string | undefined;

  /** The event with a process. Throws FormatError where some events have one and others none. */
  assign(event: HistoryEvent, place: Place): HistoryEvent {
    if (event.process !== NO_PROCESS) {
      if (this.#first === undefined) return event;
      throw new FormatError(
        `${placeText(place)}: process is given, but it is missing at ${this.#first}`,
      );
    }
    if (this.#first === undefined && event.index > 0) {
      throw new FormatError(`${placeText(place)}: process is missing`);
    }
    this.#first ??= placeText(place);
    const asked = questionOf(event);
    const open = this.#open.get(asked) ?? [];
    this.#open.set(asked, open);
    if (event.type === 'invoke') {
      open.push(this.#next);
      return { ...event, process: this.#next++ };
    }
    const process = open.shift();
    if (process === undefined) {
      throw new FormatError(
        `${placeText(place)}: no process, and no open invocation asked for the same`,
      );
    }
    return { ...event, process };
  }

  /** What follows for the whole history. */
  traits(): Partial<HistoryTraits> {
    if (this.#first === undefined) return {};
    const note = `${this.#first}: process is missing, so nothing is judged by sessions or real time`;
    return { hasRealTime: false, note };
  }
}

/** An operation without what reads returned. */
function questionOf({ f, value }: HistoryEvent): string {
  if (!Array.isArray(value)) return f;
  const asked = value.map((one) => (Array.isArray(one) && one[0] === 'r' ? one.slice(0, 2) : one));
  return `${f} ${textOf(asked)}`;
}
