/** Histories as JSON Lines: one event a line, `time` in nanoseconds. */
import type { EventType, HistoryEvent } from '../contract/history.ts';

const TYPES: ReadonlySet<unknown> = new Set<EventType>(['invoke', 'ok', 'fail', 'info']);

/** Throws an Error that names the line when it is no event. */
export function parseHistory(text: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const refuse = (what: string) => new Error(`line ${i + 1}: ${what}`);
    let parsed: Record<string, unknown>;
    try {
      parsed = JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw refuse('not JSON');
    }
    const { type, process, f, value, time } = parsed;
    if (!TYPES.has(type)) throw refuse(`type is ${JSON.stringify(type)}`);
    if (typeof process !== 'number') throw refuse('process is not a number');
    if (typeof f !== 'string') throw refuse('f is not a string');
    const timeMs = typeof time === 'number' ? time / 1e6 : 0;
    events.push({ index: events.length, type: type as EventType, process, f, value, timeMs });
  }
  return events;
}
