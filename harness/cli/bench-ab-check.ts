/**
 * `assay bench ab --self-check`: does the comparison find planted slowdowns, and nothing else? The working
 * tree is compared with itself, then with itself behind a store that waits after each call
 * (slowed-store.ts), several times each.
 */
import type { AbVerdict } from '../../reports/ab-model.ts';
import { percent } from '../../reports/ab-model.ts';
import { alignedTable } from './words.ts';

/** Per cent of each call's time that the second side waits. 0: both sides are the same. */
export const PLANTED = [0, 20, 40] as const;

/** One comparison with a slowdown planted, or `undefined` when it was interrupted. */
export type Trial = (slowPercent: number, trial: number) => Promise<AbVerdict | undefined>;

/** Exit codes: 0 it sees, 1 it found what was not there or called a slow store equal, 2 interrupted. */
export async function selfCheck(trials: number, run: Trial): Promise<number> {
  const rows: string[][] = [];
  let isWrong = false;
  for (const planted of PLANTED) {
    const verdicts: AbVerdict[] = [];
    for (let trial = 1; trial <= trials; trial++) {
      const verdict = await run(planted, trial);
      if (verdict === undefined) return 2;
      verdicts.push(verdict);
    }
    const count = (exit: number) => verdicts.filter((verdict) => verdict.exit === exit).length;
    isWrong ||= planted === 0 ? count(1) * 2 > trials : count(0) > 0;
    rows.push([
      planted === 0 ? 'nothing (A/A)' : `${planted} % of each call`,
      `${count(1)} of ${trials}`,
      String(count(0)),
      String(count(2)),
      ratiosOf(verdicts, '/s'),
      detectableOf(verdicts, '/s'),
      ratiosOf(verdicts, '/CPU s'),
      detectableOf(verdicts, '/CPU s'),
    ]);
  }
  const head = [
    'planted',
    'found (exit 1)',
    'exit 0',
    'exit 2',
    'rates, B / A',
    'seen from',
    'by CPU time',
    'seen from',
  ];
  console.log(alignedTable(head, rows));
  console.log(
    isWrong
      ? 'the comparison is not to be trusted here: it found a slowdown where there is none, or called a slowed store equal'
      : 'the comparison finds planted slowdowns, or says that it cannot',
  );
  return isWrong ? 1 : 0;
}

const rowsOf = (verdicts: readonly AbVerdict[], unit: string) =>
  verdicts.flatMap(({ rows }) => rows.filter(({ what }) => what.endsWith(unit)));

function ratiosOf(verdicts: readonly AbVerdict[], unit: string): string {
  const ratios = rowsOf(verdicts, unit).map(({ ratio }) => ratio);
  return `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
}

function detectableOf(verdicts: readonly AbVerdict[], unit: string): string {
  const shares = rowsOf(verdicts, unit).map(({ detectable }) => detectable);
  return `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`;
}
