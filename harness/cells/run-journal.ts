/**
 * RunJournal: the ids of a run's finished cells, one JSON line each, in `finished.jsonl`. A cell is
 * added after its record is saved. A line that a kill cut short counts as not written. The journal
 * and the plan are all that a run needs to be resumed.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../contract/run-record.ts';
import { directoryOf, readRecord } from './record-file.ts';

export const JOURNAL = 'finished.jsonl';

export class RunJournal {
  readonly #path: string;

  constructor(run: string) {
    this.#path = join(run, JOURNAL);
  }

  add(id: string): void {
    // The line break comes first: it ends the line that a kill may have cut short.
    appendFileSync(this.#path, `\n${JSON.stringify(id)}`);
  }

  ids(): Set<string> {
    const lines = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n') : [];
    return new Set(lines.flatMap(parsedId));
  }

  /** The records of the finished cells among `cells`, by id. `directory` holds the cells. */
  records(cells: readonly RunRecord['cell'][], directory: string): Map<string, RunRecord> {
    const ids = this.ids();
    const finished = cells.filter(({ id }) => ids.has(id));
    return new Map(
      finished.map((cell) => [cell.id, readRecord(directoryOf(cell, { directory }))] as const),
    );
  }
}

function parsedId(line: string): string[] {
  try {
    const id: unknown = JSON.parse(line);
    return typeof id === 'string' ? [id] : [];
  } catch {
    return [];
  }
}
