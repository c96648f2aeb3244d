/**
 * Keys of polls in JSON. Member names of JSON objects are strings, so "9" may stand for the number 9:
 * it does if an earlier send used 9 and none used "9". Maps of EDN need no such rule.
 */
import type { HistoryEvent } from '../contract/history.ts';
import { isObject, keyOf, textOf, type ValueKey } from '../contract/value.ts';
import { FormatError, type Place, placeText } from './format.ts';

export class KeyNames {
  readonly #texts = new Set<string>();
  readonly #others = new Map<string, unknown>();

  note(key: unknown): void {
    if (typeof key === 'string') this.#texts.add(key);
    else if (!this.#others.has(String(key))) this.#others.set(textOf(key), key);
  }

  /** Whether a name stands for two keys. */
  isAmbiguous(name: string): boolean {
    return this.#texts.has(name) && this.#others.has(name);
  }

  named(name: string): unknown {
    return this.#texts.has(name) || !this.#others.has(name) ? name : this.#others.get(name);
  }

  keyNamed(name: string): ValueKey {
    return keyOf(this.named(name));
  }
}

/** Maps the keys in polls to the keys that were sent to, event by event. */
export class PollKeys {
  readonly #names = new KeyNames();

  /** Replaces the event's value. Throws FormatError for a name that stands for two keys. */
  resolve({ value }: HistoryEvent, place: Place): void {
    if (!Array.isArray(value)) return;
    for (const one of value) {
      if (!Array.isArray(one)) return;
      if (one[0] === 'send') this.#names.note(one[1]);
      if (one[0] === 'poll' && isObject(one[1])) one[1] = this.#resolved(one[1], place);
    }
  }

  #resolved(polls: Readonly<Record<string, unknown>>, place: Place): unknown {
    const entries = Object.entries(polls);
    for (const [name] of entries) {
      if (!this.#names.isAmbiguous(name)) continue;
      throw new FormatError(
        `${placeText(place)}: key "${name}" of a poll may be "${name}" or ${name}`,
      );
    }
    const isText = entries.every(([name]) => this.#names.named(name) === name);
    return isText ? polls : new Map(entries.map(([name, list]) => [this.#names.named(name), list]));
  }
}
