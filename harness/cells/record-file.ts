/**
 * The record of a cell on disk: `cells/<id>/record.json`. It is replaced by a rename, so a process
 * that is killed while it writes leaves the previous record or the new one, never a part.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, RunRecord } from '../contract/run-record.ts';

/** `directory`: where the cells of the run lie. */
export function directoryOf(cell: Cell, { directory }: { readonly directory: string }): string {
  return join(directory, cell.id.replaceAll('/', '_'));
}

export function recordPath(directory: string): string {
  return join(directory, 'record.json');
}

export function saveRecord(directory: string, record: RunRecord): RunRecord {
  const path = recordPath(directory);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
  return record;
}

export function readRecord(directory: string): RunRecord {
  return JSON.parse(readFileSync(recordPath(directory), 'utf8')) as RunRecord;
}
