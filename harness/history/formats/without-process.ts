/**
 * Events without a process, as in the short examples of Elle's documentation. A completion is paired
 * with the invocation that has the same operations. Each pair becomes a process of its own, so neither
 * session order nor real-time order is known.
 */
import type { HistoryEvent } from '../../contract/history.ts';
import { textOf } from '../../contract/value.ts';
import { FormatError, type HistoryTraits, type Place, placeText } from '../format.ts';
import { NO_PROCESS } from './events.ts';

export class WithoutProcess {
  /** Processes of open invocations by their operations, oldest first. */
  readonly #open = new Map<string, number[]>();
  #next = 0;
  /** Position of the first event without a process. */
  #first: string | undefined;

  /** Assigns a process to the event. Throws FormatError if some events have a process and others do not. */
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

  /** Traits of the whole history. */
  traits(): Partial<HistoryTraits> {
    if (this.#first === undefined) return {};
    const note = `${this.#first}: process is missing, so nothing is judged by sessions or real time`;
    return { hasRealTime: false, note };
  }
}

/** An operation without the results of its reads. */
function questionOf({ f, value }: HistoryEvent): string {
  if (!Array.isArray(value)) return f;
  const asked = value.map((one) => (Array.isArray(one) && one[0] === 'r' ? one.slice(0, 2) : one));
  return `${f} ${textOf(asked)}`;
}
