/** `assay bench history`: when did a figure change, over all runs that were saved? */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { benchHistory } from '../../reports/history-model.ts';
import { HISTORY_HEAD, historyHtml, historyRows } from '../../reports/history-report.ts';
import { UsageError } from '../matrix/registry.ts';
import { loadRun } from './bench-compare.ts';
import { OUT } from './places.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface HistoryCommandOptions {
  readonly threshold: string;
  readonly recent: string;
  readonly seed: string;
  readonly force: boolean;
  readonly all: boolean;
  readonly out?: string;
  readonly json: boolean;
}

/** Exit codes: 0 nothing worse lately, 1 a step for the worse, 2 too few runs to tell. */
export function benchHistoryCommand(
  places: readonly string[],
  options: HistoryCommandOptions,
): number {
  const paths = [...new Set(places.flatMap(runsIn).map((path) => resolve(path)))];
  if (paths.length === 0) throw new UsageError(`No bench.json in ${places.join(', ')}.`);
  const history = benchHistory(paths.map(loadRun), {
    threshold: wholeNumber('--threshold', options.threshold, 0, 1000) / 100,
    recent: wholeNumber('--recent', options.recent, 1),
    seed: wholeNumber('--seed', options.seed, 0),
    force: options.force,
  });
  const out = resolve(options.out ?? join(OUT, 'bench-history.html'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, historyHtml(history));
  if (options.json) {
    console.log(JSON.stringify(history));
    return history.exit;
  }
  const rows = historyRows(history, options.all);
  if (rows.length > 0) console.log(alignedTable(HISTORY_HEAD, rows));
  for (const what of history.leftOut) console.log(`left out: ${what}`);
  console.log(`${history.runs.length} runs, ${history.rows.length} figures; report: ${out}`);
  console.log(history.reason);
  return history.exit;
}

/** A run's directory or bench.json itself, or a directory of such directories. */
function runsIn(place: string): string[] {
  if (!existsSync(place)) throw new UsageError(`There is no ${place}.`);
  if (!statSync(place).isDirectory()) return [place];
  const own = join(place, 'bench.json');
  if (existsSync(own)) return [own];
  return readdirSync(place)
    .map((name) => join(place, name, 'bench.json'))
    .filter((path) => existsSync(path));
}
