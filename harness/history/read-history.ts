/**
 * Reads a history in any of the formats known, found out by its content:
 *
 * - `jsonl`: JSON Lines, one event a line, or one JSON array of events
 * - `edn`: Jepsen's history.edn, one map a line or one vector of maps; tags are ignored
 *
 * Events may come with their keys in any order, `type` with or without a colon, `index` or none.
 */
import type { EventType, HistoryEvent } from '../contract/history.ts';
import { EdnReader } from './edn.ts';

export type HistoryFormat = 'jsonl' | 'edn';
export const FORMATS: readonly HistoryFormat[] = ['jsonl', 'edn'];

export class FormatError extends Error {
  override readonly name = 'FormatError';
}

const TYPES: ReadonlySet<unknown> = new Set<EventType>(['invoke', 'ok', 'fail', 'info']);

export function detectFormat(text: string): HistoryFormat {
  const first = /[^\s,]/.exec(text)?.[0] ?? '';
  if (first === '[') return /^\s*\[\s*(?:\{\s*"|\])/.test(text) ? 'jsonl' : 'edn';
  return /^\s*\{\s*"/.test(text) ? 'jsonl' : 'edn';
}

/** Visits the events in order. Throws FormatError or EdnError with the place. */
export function readHistory(
  text: string,
  format: HistoryFormat,
  visit: (event: HistoryEvent) => void,
): number {
  let index = 0;
  const take = (raw: unknown, place: string) => {
    const event = eventOf(raw, index, place);
    if (event === undefined) return;
    visit(event);
    index++;
  };
  if (format === 'edn') readEdn(text, take);
  else readJson(text, take);
  return index;
}

function readEdn(text: string, take: (raw: unknown, place: string) => void): void {
  const reader = new EdnReader(text);
  for (;;) {
    const { place } = text.length < 1_000_000 ? reader : { place: 'somewhere' };
    const next = reader.next();
    if (next === undefined) return;
    if (Array.isArray(next.form)) for (const one of next.form) take(one, place);
    else take(next.form, place);
  }
}

function readJson(text: string, take: (raw: unknown, place: string) => void): void {
  if (/^\s*\[/.test(text)) {
    const all = parseJson(text, 'the array') as unknown[];
    for (const [i, one] of all.entries()) take(one, `event ${i}`);
    return;
  }
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    if (end > start && text.charCodeAt(start) !== 13) {
      take(parseJson(text.slice(start, end), `line ${line}`), `line ${line}`);
    }
    start = end + 1;
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${place}: not JSON (${(error as Error).message})`);
  }
}

/** `undefined` for what no client did: a nemesis, or a log line without a process. */
function eventOf(raw: unknown, index: number, place: string): HistoryEvent | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new FormatError(`${place}: an event is a map`);
  }
  const { type, process, f, value, time } = raw as Record<string, unknown>;
  if (typeof process === 'string') return undefined;
  if (!TYPES.has(type)) throw new FormatError(`${place}: type is ${JSON.stringify(type)}`);
  if (typeof process !== 'number' || !Number.isInteger(process)) {
    throw new FormatError(`${place}: process is ${JSON.stringify(process)}`);
  }
  return {
    index,
    type: type as EventType,
    process,
    f: typeof f === 'string' ? f : 'txn',
    value,
    timeMs: typeof time === 'number' ? time / 1e6 : 0,
  };
}
