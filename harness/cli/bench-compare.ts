/** `assay bench compare`: did a change make anything slower? */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareRuns } from '../../reports/bench-compare.ts';
import { short } from '../../reports/bench-text.ts';
import type { BenchRun } from '../contract/bench-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface CompareOptions {
  readonly threshold: string;
  readonly all: boolean;
  readonly force: boolean;
}

/** Exit codes: 0 nothing worse, 1 a regression, 2 undecided. The last line gives the reason. */
export function benchCompare(before: string, after: string, options: CompareOptions): number {
  const threshold = wholeNumber('--threshold', options.threshold, 0, 1000) / 100;
  const [old, now] = [loadRun(before), loadRun(after)];
  const { changes, obstacles, exit, reason } = compareRuns(old, now, threshold, options.force);
  const shown = options.all ? changes : changes.filter(({ verdict }) => verdict !== 'within noise');
  const percent = (share: number) => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const rows = shown.map((row) => [
    row.workload,
    row.store,
    row.what,
    short(row.before),
    short(row.after),
    percent(row.change),
    row.p.toFixed(4),
    row.adjusted.toFixed(3),
    row.effect.toFixed(2),
    row.verdict,
  ]);
  const head = [
    'workload',
    'store',
    'what',
    old.commit,
    now.commit,
    'better by',
    'p',
    'adjusted p',
  ];
  if (rows.length > 0) console.log(alignedTable([...head, 'effect', ''], rows));
  for (const { what } of obstacles) console.log(`not compared: ${what}`);
  const count = (wanted: string) => changes.filter(({ verdict }) => verdict === wanted).length;
  console.log(
    `${count('regressed')} regressed, ${count('improved')} improved, ${count('within noise')} within noise, ${count('too few runs')} with too few runs`,
  );
  console.log(reason);
  return exit;
}

/** Loads a saved run by its directory or its bench.json. Throws UsageError if there is none. */
export function loadRun(path: string): BenchRun {
  if (!existsSync(path)) throw new UsageError(`There is no ${path}.`);
  const file = statSync(path).isDirectory() ? join(path, 'bench.json') : path;
  if (!existsSync(file)) throw new UsageError(`${path} holds no bench.json.`);
  let run: Partial<BenchRun> | undefined;
  try {
    run = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} is no saved benchmark: ${(error as Error).message}.`);
  }
  const { plan, outcomes, missing } = run ?? {};
  if (typeof plan === 'object' && Array.isArray(outcomes) && Array.isArray(missing)) {
    return run as BenchRun;
  }
  throw new UsageError(`${file} is no saved benchmark: it has no plan, outcomes and missing.`);
}
