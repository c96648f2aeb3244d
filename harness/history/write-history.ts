/** Writes events as JSON Lines, or as EDN that Jepsen's and Elle's readers take. */
import type { HistoryEvent } from '../contract/history.ts';

export const WRITTEN_FORMATS = ['jsonl', 'edn'] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

export function writeEvent(event: HistoryEvent, format: WrittenFormat): string {
  return format === 'jsonl' ? jsonLine(event) : ednLine(event);
}

function jsonLine({ index, type, process, f, value, timeMs }: HistoryEvent): string {
  const time = Math.round(timeMs * 1e6);
  return `${JSON.stringify({ index, type, process, f, value: value ?? null, time })}\n`;
}

function ednLine({ index, type, process, f, value, timeMs }: HistoryEvent): string {
  const time = Math.round(timeMs * 1e6);
  return `{:index ${index}, :type :${type}, :process ${process}, :f ${keyword(f)}, :value ${valueText(value)}, :time ${time}}\n`;
}

/** A list of micro-operations begins each with a keyword; all else is plain EDN. */
function valueText(value: unknown): string {
  const isMicro = (one: unknown) =>
    Array.isArray(one) && typeof one[0] === 'string' && MICROS.has(one[0]);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMicro)) return edn(value);
  const micros = (value as unknown[][]).map(
    ([f, ...rest]) => `[${[`:${f}`, ...rest.map(edn)].join(' ')}]`,
  );
  return `[${micros.join(' ')}]`;
}

const MICROS: ReadonlySet<string> = new Set(['append', 'r', 'w', 'rp', 'send', 'poll']);

function edn(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `[${value.map(edn).join(' ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, of]) => {
    const key = /^-?\d+$/.test(name) ? name : keyword(name);
    return `${key} ${edn(of)}`;
  });
  return `{${pairs.join(', ')}}`;
}

/** A keyword where the name can be one, else a string. */
function keyword(name: string): string {
  return /^[A-Za-z*!_?<>=+-][\w*!?<>=+./-]*$/.test(name) ? `:${name}` : JSON.stringify(name);
}
