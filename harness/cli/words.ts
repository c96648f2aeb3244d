/**
 * Parses words of a command line as numbers and settings. Each function throws UsageError for an
 * invalid word.
 */
import { UsageError } from '../matrix/registry.ts';

const COLUMNS_MAX = 100;
const COLUMNS_MIN = 40;

/** Columns of the standard output: COLUMNS, else the terminal's; at most 100. */
export function columns(): number {
  const wanted = Number(process.env.COLUMNS) || process.stdout.columns || COLUMNS_MAX;
  return Math.max(COLUMNS_MIN, Math.min(COLUMNS_MAX, wanted));
}

/** A name and its text, wrapped to the columns there are; the text keeps its indent. */
export function described(name: string, text: string, indent: number): string {
  const width = columns() - indent;
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  const head = `  ${name} `;
  const margin = ' '.repeat(indent);
  if (head.length > indent)
    return [head.trimEnd(), ...lines.map((line) => margin + line)].join('\n');
  return head.padEnd(indent) + lines.join(`\n${margin}`);
}

/** For an option that may be given more than once. */
export const gather = (value: string, before: readonly string[]): string[] => [...before, value];

export function wholeNumber(
  flag: string,
  text: string,
  low: number,
  high: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  const isGood = text.trim() !== '' && Number.isSafeInteger(value) && value >= low && value <= high;
  if (isGood) return value;
  const upTo = high === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${high}`;
  throw new UsageError(`${flag} wants a whole number of at least ${low}${upTo}, not "${text}".`);
}

/** Seconds, with a fraction if need be. Throws UsageError below `low`. */
export function secondsOf(flag: string, text: string, low: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= low) return value;
  throw new UsageError(`${flag} wants seconds, at least ${low}, not "${text}".`);
}

/** `name=value` words as an object. */
export function pairs<T>(
  flag: string,
  words: readonly string[],
  parse: (text: string) => T,
): Record<string, T> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new UsageError(`${flag} wants name=value, not ${word}.`);
      const value = parse(word.slice(at + 1));
      if (Number.isNaN(value)) throw new UsageError(`${flag} ${word}: not a number.`);
      return [word.slice(0, at), value] as const;
    }),
  );
}

export function parseSetting(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** `10M`, `1.5GiB` or plain digits as a whole number. */
export function largeNumber(flag: string, text: string, low: number): number {
  const [, digits, unit] = /^([\d.]+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const value = Math.round(Number(digits) * (UNITS[unit?.toLowerCase() ?? ''] ?? Number.NaN));
  if (Number.isSafeInteger(value) && value >= low) return value;
  throw new UsageError(
    `${flag} wants a number of at least ${low}, like 10M or 1.5GiB, not "${text}".`,
  );
}

/** Columns of one width each, two spaces between them. */
export function alignedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
