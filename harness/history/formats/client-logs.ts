/** The log files of a history that is a directory with one file per client. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../format-error.ts';
import { HistorySource } from '../source.ts';

/** The `.log` files of a directory, by the numbers in their names, or the one file that was given. */
export function clientLogs(source: HistorySource): HistorySource[] {
  if (!source.isDirectory()) return [source];
  const names = readdirSync(source.name).filter((name) => name.endsWith('.log'));
  if (names.length === 0) throw new FormatError(`${source.name} has no .log file`);
  return names
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(source.name, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => HistorySource.ofFile(path));
}
