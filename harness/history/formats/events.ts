/** Converts a parsed map to an event, for every format. */
import type { EventType, HistoryEvent } from '../../contract/history.ts';
import { fieldOf, textOf, untagged } from '../../contract/value.ts';
import { FormatError, type Place, placeText } from '../format.ts';
import { MICROS } from '../write-history.ts';

const TYPES: ReadonlySet<unknown> = new Set<EventType>(['invoke', 'ok', 'fail', 'info']);

/**
 * `undefined` for events of no client: a nemesis, or a log line without a process. Maps with a `key` of
 * their own (Porcupine's key-value logs) get `[key, value]` as their value; those with a `position`
 * (Jepsen's causal register) keep it with the value.
 *
 * An event without a process has NO_PROCESS.
 */
export function eventOf(tagged: unknown, index: number, place: Place): HistoryEvent | undefined {
  const raw = untagged(tagged);
  const isMap = typeof raw === 'object' && raw !== null && !Array.isArray(raw);
  if (!isMap || raw instanceof Set) throw new FormatError(`${placeText(place)}: an event is a map`);
  const { type, process, f, value, time, key, position, link, stamps } =
    raw instanceof Map ? fieldsOf(raw) : (raw as Record<string, unknown>);
  if (typeof process === 'string') return undefined;
  const kind = withoutColon(type);
  if (!TYPES.has(kind)) throw new FormatError(`${placeText(place)}: type is ${textOf(type)}`);
  const isKnown = typeof process === 'number' && Number.isInteger(process);
  if (!isKnown && process !== undefined) {
    throw new FormatError(`${placeText(place)}: process is ${textOf(process)}`);
  }
  return {
    index,
    type: kind as EventType,
    process: isKnown ? process : NO_PROCESS,
    f: typeof f === 'string' ? functionName(f, kind !== type) : 'txn',
    value: valueIn(withMicros(value), key, position, link),
    timeMs: typeof time === 'number' || typeof time === 'bigint' ? Number(time) / 1e6 : 0,
    ...(isStamps(stamps) && { stamps }),
    ...(typeof place === 'number' && { line: place }),
  };
}

/** The database's timestamps, as in converted histories. */
function isStamps(value: unknown): value is readonly [start: number, commit: number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
}

/** The process of an event that names none. */
export const NO_PROCESS = -1.5;

const FIELDS = [
  'type',
  'process',
  'f',
  'value',
  'time',
  'key',
  'position',
  'link',
  'stamps',
] as const;

function fieldsOf(raw: ReadonlyMap<unknown, unknown>) {
  const fields: { [Name in (typeof FIELDS)[number]]?: unknown } = {};
  for (const name of FIELDS) fields[name] = fieldOf(raw, name);
  return fields;
}

const withoutColon = (name: unknown) =>
  typeof name === 'string' && name.startsWith(':') ? name.slice(1) : name;

function valueIn(value: unknown, key: unknown, position: unknown, link: unknown): unknown {
  if (position !== undefined) return { value, position, link };
  return key === undefined ? (value ?? null) : [key, value ?? null];
}

/** A keyword if the event's type is a keyword. */
const functionName = (f: string, areKeywords: boolean) =>
  areKeywords && f.startsWith(':') ? f.slice(1) : f;

/** Micro-operations begin with a name, written as a keyword or a string. */
function withMicros(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  for (const one of value) {
    if (!Array.isArray(one)) continue;
    const name: unknown = one[0];
    if (typeof name !== 'string' || name.charCodeAt(0) !== COLON) continue;
    if (MICROS.has(name.slice(1))) one[0] = name.slice(1);
  }
  return value;
}

const COLON = 58;
