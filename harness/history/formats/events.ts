/** Turns a parsed map into an event, whatever format it was parsed from. */
import type { EventType, HistoryEvent } from '../../contract/history.ts';
import { FormatError } from '../format.ts';

const TYPES: ReadonlySet<unknown> = new Set<EventType>(['invoke', 'ok', 'fail', 'info']);

/**
 * `undefined` for what no client did: a nemesis, or a log line without a process. Maps with a `key`
 * of their own (Porcupine's key-value logs) get `[key, value]` as their value; those with a
 * `position` (Jepsen's causal register) keep it with the value.
 */
export function eventOf(raw: unknown, index: number, place: string): HistoryEvent | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new FormatError(`${place}: an event is a map`);
  }
  const { type, process, f, value, time, key, position, link } = raw as Record<string, unknown>;
  if (typeof process === 'string') return undefined;
  const kind = typeof type === 'string' && type.startsWith(':') ? type.slice(1) : type;
  if (!TYPES.has(kind)) throw new FormatError(`${place}: type is ${JSON.stringify(type)}`);
  if (typeof process !== 'number' || !Number.isInteger(process)) {
    throw new FormatError(`${place}: process is ${JSON.stringify(process)}`);
  }
  return {
    index,
    type: kind as EventType,
    process,
    f: typeof f === 'string' ? (kind === type ? f : f.replace(/^:/, '')) : 'txn',
    value: valueIn(kind === type ? value : withoutColons(value), key, position, link),
    timeMs: typeof time === 'number' ? time / 1e6 : 0,
  };
}

function valueIn(value: unknown, key: unknown, position: unknown, link: unknown): unknown {
  if (position !== undefined) return { value, position, link };
  return key === undefined ? value : [key, value];
}

/** Keywords written as texts with a colon: those that begin micro-operations. */
function withoutColons(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((one) => {
    const isKeyword = Array.isArray(one) && typeof one[0] === 'string' && one[0].startsWith(':');
    return isKeyword ? [one[0].slice(1), ...one.slice(1)] : one;
  });
}
