/** Writes events as JSON Lines, or as EDN for Jepsen and Elle. Every value is read back unchanged. */
import type { HistoryEvent } from '../contract/history.ts';
import { isKeyword } from '../contract/value.ts';
import { ednText } from './edn-text.ts';
import { jsonText } from './json.ts';

export const WRITTEN_FORMATS = ['jsonl', 'edn'] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

export function writeEvent(event: HistoryEvent, format: WrittenFormat): string {
  return format === 'jsonl' ? jsonLine(event) : ednLine(event);
}

function jsonLine({ index, type, process, f, value, timeMs, stamps }: HistoryEvent): string {
  const stamped = stamps === undefined ? '' : `,"stamps":[${stamps}]`;
  const name = JSON.stringify(f);
  return `{"index":${index},"type":"${type}","process":${process},"f":${name},"value":${jsonText(value)},"time":${nanoseconds(timeMs)}${stamped}}\n`;
}

function ednLine({ index, type, process, f, value, timeMs, stamps }: HistoryEvent): string {
  const stamped = stamps === undefined ? '' : `, :stamps [${stamps.join(' ')}]`;
  const name = isKeyword(`:${f}`) ? `:${f}` : ednText(f);
  return `{:index ${index}, :type :${type}, :process ${process}, :f ${name}, :value ${valueText(value)}, :time ${nanoseconds(timeMs)}${stamped}}\n`;
}

const nanoseconds = (timeMs: number) => BigInt(Math.round(timeMs * 1e6));

/** In a list of micro-operations each begins with a keyword; everything else is plain EDN. */
function valueText(value: unknown): string {
  const isMicro = (one: unknown) =>
    Array.isArray(one) && typeof one[0] === 'string' && MICROS.has(one[0]);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMicro)) return ednText(value);
  const micros = (value as unknown[][]).map(
    ([f, ...rest]) => `[${[`:${f}`, ...rest.map(ednText)].join(' ')}]`,
  );
  return `[${micros.join(' ')}]`;
}

/** Names of micro-operations: keywords in EDN, strings in JSON. */
export const MICROS: ReadonlySet<string> = new Set([
  'append',
  'r',
  'w',
  'rp',
  'd',
  'send',
  'poll',
  'read',
  'write',
]);
