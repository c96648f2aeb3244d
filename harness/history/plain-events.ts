/**
 * Plain events: the events of a history in any format, as JSON Lines and EDN can express them. A value
 * that the format calls initial, and that was never written, becomes nil, which every reader accepts as
 * initial.
 */
import type { HistoryEvent } from '../contract/history.ts';
import { isSameValue, keyOf, type ValueKey } from '../contract/value.ts';
import { type HistoryFormat, type HistoryTraits, readHistory } from './read-history.ts';
import type { HistorySource } from './source.ts';

/** Reads the history twice, because its traits are known only at its end. */
export function plainEvents(
  source: HistorySource,
  format: HistoryFormat,
): { readonly traits: HistoryTraits; visit(each: (event: HistoryEvent) => void): void } {
  const { initialValue } = format.traits;
  const written = new Set<ValueKey>();
  const traits = readHistory(source, format, ({ value }) => {
    if (initialValue === undefined) return;
    for (const [f, key, shown] of microsOf(value)) {
      if (f === 'w' && isSameValue(shown, initialValue)) written.add(keyOf(key));
    }
  });
  const isInitial = ([f, key, shown]: readonly unknown[]) =>
    f === 'r' && isSameValue(shown, initialValue) && !written.has(keyOf(key));
  const plain = (event: HistoryEvent): HistoryEvent => {
    const micros = microsOf(event.value);
    if (initialValue === undefined || !micros.some(isInitial)) return event;
    return { ...event, value: micros.map((one) => (isInitial(one) ? ['r', one[1], null] : one)) };
  };
  return { traits, visit: (each) => void readHistory(source, format, (one) => each(plain(one))) };
}

function microsOf(value: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(value) && value.every((one) => Array.isArray(one)) ? value : [];
}
