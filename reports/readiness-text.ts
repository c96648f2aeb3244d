/** Readiness in words and columns, for the page and for Markdown. */
import type { BarFigure } from './checklist.ts';
import { type JudgedChecklist, type JudgedRow, STATUSES } from './readiness.ts';

export const COUNT_HEAD: readonly string[] = ['checklist', ...STATUSES, 'rows'];
export const AREA_HEAD: readonly string[] = ['checklist', 'area', 'level', 'proven', 'next row'];
export const ROW_HEAD: readonly string[] = [
  'row',
  'status',
  'claim',
  'how it is shown',
  'evidence',
];

export const LEVEL_WORDS =
  'Bronze: half of an area’s rows are proven. Silver: all are proven or waived. Gold: all are proven.';

export const STATUS_WORDS =
  'A row is proven when its scenarios hold, each of its planted bugs is caught and its figure meets its bar, in this run or in a saved run of the same sources. Stale: shown by a run of other sources. Bound: a part of its evidence was not run.';

export function countRow({ system, rows }: JudgedChecklist): string[] {
  const counts = STATUSES.map((wanted) => rows.filter(({ status }) => status === wanted).length);
  return [system, ...counts.map(String), String(rows.length)];
}

export function areaRows({ system, areas }: JudgedChecklist): string[][] {
  return areas.map(({ area, level, proven, rows, next }) => [
    system,
    area,
    level,
    `${proven} of ${rows}`,
    next ?? '',
  ]);
}

/** The cells of `ROW_HEAD`. */
export function rowCells({ row, status, measured, note }: JudgedRow): string[] {
  const { id, claim, bar, proof } = row;
  const bars = [bar ?? [], proof?.figure === undefined ? [] : figureWords(proof.figure, measured)];
  const claimed = [claim, ...bars.flat().map((one) => `(${one})`)].join(' ');
  const shown =
    proof === undefined
      ? ''
      : `${proof.why} Scenarios: ${proof.scenarios.join(', ')}. Planted bugs: ${proof.bugs.join(', ')}.`;
  return [id, status, claimed, shown, note ?? ''];
}

function figureWords({ name, atMost, atLeast }: BarFigure, measured: number | undefined): string {
  const bar = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  const value = measured === undefined ? 'not measured here' : `measured: ${measured}`;
  return `${name} ${bar}; ${value}`;
}
