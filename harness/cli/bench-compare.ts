/** `assay bench compare`: did a change make anything slower? */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareRuns } from '../../reports/bench-compare.ts';
import { short } from '../../reports/bench-text.ts';
import type { BenchRun } from '../contract/bench-record.ts';
import { UsageError } from '../runner/registry.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface CompareOptions {
  readonly threshold: string;
  readonly all: boolean;
}

/** Exit codes: 0 nothing slower, 1 a regression, 2 too few repetitions to tell. */
export function benchCompare(before: string, after: string, options: CompareOptions): number {
  const threshold = wholeNumber('--threshold', options.threshold, 0, 1000) / 100;
  const [old, now] = [load(before), load(after)];
  if (old.machine !== now.machine) {
    console.log(`Two machines: ${old.machine} and ${now.machine}. What follows compares them too.`);
  }
  for (const what of ['records', 'valueBytes', 'cacheBytes', 'defaults', 'keyOrder'] as const) {
    if (old.plan[what] === now.plan[what]) continue;
    throw new UsageError(
      `They do not measure the same: ${what} ${old.plan[what]} and ${now.plan[what]}.`,
    );
  }
  const found = compareRuns(old, now, threshold);
  const shown = options.all ? found : found.filter(({ verdict }) => verdict !== 'within noise');
  const percent = (share: number) => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
  const rows = shown.map(
    ({ workload, store, what, before: b, after: a, change, p, effect, verdict }) => [
      workload,
      store,
      what,
      short(b),
      short(a),
      percent(change),
      p.toFixed(3),
      effect.toFixed(2),
      verdict,
    ],
  );
  const head = [
    'workload',
    'store',
    'what',
    old.commit,
    now.commit,
    'better by',
    'p',
    'effect',
    '',
  ];
  if (rows.length > 0) console.log(alignedTable(head, rows));
  const count = (wanted: string) => found.filter(({ verdict }) => verdict === wanted).length;
  console.log(
    `${count('regressed')} regressed, ${count('improved')} improved, ${count('within noise')} within noise, ${count('too few runs')} with too few runs (--repeat 4 or more)`,
  );
  if (count('regressed') > 0) return 1;
  return count('too few runs') > 0 ? 2 : 0;
}

function load(path: string): BenchRun {
  if (!existsSync(path)) throw new UsageError(`There is no ${path}.`);
  const file = statSync(path).isDirectory() ? join(path, 'bench.json') : path;
  if (!existsSync(file)) throw new UsageError(`${path} holds no bench.json.`);
  return JSON.parse(readFileSync(file, 'utf8')) as BenchRun;
}
