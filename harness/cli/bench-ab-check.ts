/**
 * `assay bench ab --self-check`: does the comparison find planted slowdowns, and nothing else, on this
 * machine? The working tree is compared with itself (A/A), and with itself behind a store that waits
 * after each call (A/B, slowed-store.ts), several times each, by real processes.
 *
 * Bars: at most 5 % of A/A comparisons exit 1; 10 % slower is found in 80 %, 20 % in 95 % of A/B
 * comparisons. One that finds nothing has to exit 2 and say which difference it would have seen: exit 0
 * would call a slowed store equal.
 *
 * Trials alternate (A/A, 10 %, 20 %, A/A, …), so that other load on the machine is spread over all of
 * them. Each verdict is saved, so an interrupted self-check continues where it stopped.
 */
import type { AbVerdict } from '../../reports/ab-model.ts';
import { percent } from '../../reports/ab-model.ts';
import { UsageError } from '../matrix/registry.ts';
import { alignedTable } from './words.ts';

/** Share of trials in which a slowdown of `percent` has to be found. */
const POWER_BARS: readonly (readonly [percent: number, share: number])[] = [
  [20, 0.95],
  [10, 0.8],
];
const FALSE_ALARMS_MAX = 0.05;
const SLOW_MAX_PERCENT = 1000;

/** One comparison with a slowdown planted, or `undefined` when it was interrupted. */
export type Trial = (slowPercent: number, trial: number) => Promise<AbVerdict | undefined>;

export interface CheckOutcome {
  readonly slowPercent: number;
  readonly verdicts: readonly AbVerdict[];
}

/** Comma-separated percentages; 0 plants no slowdown. Throws UsageError for anything else. */
export function plantedPercents(words: string): number[] {
  const percents = words.split(',').map((word) => (/^\d{1,4}$/.test(word) ? Number(word) : -1));
  const isWrong = percents.some((one) => one < 0 || one > SLOW_MAX_PERCENT);
  if (isWrong || new Set(percents).size < percents.length) {
    throw new UsageError(`--plant takes different per cents, like 0,10,20; not ${words}.`);
  }
  return percents;
}

/** Exit codes: 0 all bars met, 1 what the comparison says is wrong, 2 too noisy here. `undefined`: interrupted. */
export async function selfCheck(
  percents: readonly number[],
  trials: number,
  run: Trial,
): Promise<number | undefined> {
  const found = percents.map((slowPercent) => ({ slowPercent, verdicts: [] as AbVerdict[] }));
  for (let trial = 1; trial <= trials; trial++) {
    for (const { slowPercent, verdicts } of found) {
      const verdict = await run(slowPercent, trial);
      if (verdict === undefined) return undefined;
      verdicts.push(verdict);
      const planted = slowPercent === 0 ? 'A/A' : `${slowPercent} % planted`;
      console.log(`${trial} of ${trials}, ${planted}: exit ${verdict.exit}, ${verdict.reason}`);
    }
  }
  console.log(`\n${alignedTable(HEAD, found.map(rowOf))}\n`);
  const { exit, reason } = judgeCheck(found);
  console.log(reason);
  return exit;
}

/** Whether the bars are met, and the first that is not. */
export function judgeCheck(all: readonly CheckOutcome[]): { exit: 0 | 1 | 2; reason: string } {
  for (const { slowPercent, verdicts } of all) {
    const { length } = verdicts;
    if (slowPercent === 0) {
      const alarms = count(verdicts, 1);
      if (alarms <= FALSE_ALARMS_MAX * length) continue;
      const most = `${percent(FALSE_ALARMS_MAX)} at most`;
      const reason = `not to be trusted here: ${alarms} of ${length} comparisons of equal trees found a slowdown (${most})`;
      return { exit: 1, reason };
    }
    const equal = count(verdicts, 0);
    if (equal === 0) continue;
    const reason = `not to be trusted here: ${equal} of ${length} comparisons called a tree equal that is ${slowPercent} % slower`;
    return { exit: 1, reason };
  }
  for (const { slowPercent, verdicts } of all) {
    const share = powerBar(slowPercent);
    const hits = count(verdicts, 1);
    if (share === undefined || hits >= share * verdicts.length) continue;
    const reason = `too noisy here: ${slowPercent} % slower was found in ${hits} of ${verdicts.length} comparisons (${percent(share)} wanted); the others said that they can't tell: more --pairs`;
    return { exit: 2, reason };
  }
  return { exit: 0, reason: 'planted slowdowns are found, and nothing else' };
}

/** A slowdown larger than a bar's percentage must be found at least as often. */
function powerBar(slowPercent: number): number | undefined {
  return POWER_BARS.find(([least]) => slowPercent >= least)?.[1];
}

const HEAD = [
  'planted',
  'exit 1',
  'exit 0',
  'exit 2',
  'bar',
  'rates, B / A',
  'seen from',
  'by CPU time',
  'seen from',
];

const count = (verdicts: readonly AbVerdict[], exit: number) =>
  verdicts.filter((verdict) => verdict.exit === exit).length;

function rowOf({ slowPercent, verdicts }: CheckOutcome): string[] {
  const share = powerBar(slowPercent);
  return [
    slowPercent === 0 ? 'nothing (A/A)' : `${slowPercent} % of each call`,
    `${count(verdicts, 1)} of ${verdicts.length}`,
    String(count(verdicts, 0)),
    String(count(verdicts, 2)),
    slowPercent === 0
      ? `exit 1 ≤ ${percent(FALSE_ALARMS_MAX)}`
      : `exit 1 ≥ ${share === undefined ? '0' : percent(share)}, no exit 0`,
    ratiosOf(verdicts, '/s'),
    detectableOf(verdicts, '/s'),
    ratiosOf(verdicts, '/CPU s'),
    detectableOf(verdicts, '/CPU s'),
  ];
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
