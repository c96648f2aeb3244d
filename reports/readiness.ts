/**
 * Judges readiness checklists against what was run. A row is proven when each of its scenarios ran
 * and held, each of its planted bugs was caught, and its figure meets its bar. Evidence is this run
 * and saved runs of the same sources: a check that could not fail, or ran on other code, proves
 * nothing.
 */
import type { RunRecord } from '../harness/contract/run-record.ts';
import type { BarFigure, Checklist, ChecklistRow } from './checklist.ts';

/**
 * `failed`: a scenario is violated or the bar is missed. `stale`: proven, but by a run of other
 * sources. `bound`: some of its evidence was not run. `waived`: an owner accepts the gap until a date.
 */
export type RowStatus = 'proven' | 'failed' | 'stale' | 'bound' | 'waived' | 'open';

export const STATUSES: readonly RowStatus[] = [
  'proven',
  'failed',
  'stale',
  'bound',
  'waived',
  'open',
];

/** A saved run. */
export interface Evidence {
  /** What readers know it by: the name of its directory. */
  readonly run: string;
  /** A hash of the sources that ran; see `sourceHash`. */
  readonly tree: string | undefined;
  readonly records: readonly RunRecord[];
}

export interface JudgedRow {
  readonly row: ChecklistRow;
  readonly status: RowStatus;
  /** The figure that was held against the bar: the worst of the cells that measured it. */
  readonly measured?: number;
  /** What is missing or wrong, or the run that proved it. */
  readonly note?: string;
}

/** Of an area's rows: half are proven; all are proven or waived; all are proven. */
export type Level = 'none' | 'bronze' | 'silver' | 'gold';

export interface JudgedArea {
  readonly area: string;
  readonly level: Level;
  readonly proven: number;
  readonly rows: number;
  /** The first row that is neither proven nor waived. */
  readonly next?: string;
}

export interface JudgedChecklist {
  readonly system: string;
  readonly rows: readonly JudgedRow[];
  readonly areas: readonly JudgedArea[];
}

/** `today` as 2026-11-29: waivers end. */
export function judgeChecklists(
  checklists: readonly Checklist[],
  current: Evidence,
  saved: readonly Evidence[],
  today: string,
): JudgedChecklist[] {
  const same = saved.filter(({ tree }) => tree !== undefined && tree === current.tree);
  const others = saved.filter((run) => !same.includes(run));
  const here = [...current.records, ...same.flatMap(({ records }) => records)];
  const judge = (row: ChecklistRow): JudgedRow => {
    const judged = { row, ...judgeProof(row, here) };
    if (judged.status === 'proven' || judged.status === 'failed') return judged;
    if (row.waiver !== undefined && today <= row.waiver.until) {
      const { reason, owner, until } = row.waiver;
      return { row, status: 'waived', note: `${reason} (${owner}, until ${until})` };
    }
    const before = others.findLast((run) => judgeProof(row, run.records).status === 'proven');
    if (before === undefined) return judged;
    return { row, status: 'stale', note: `proven by ${before.run}, a run of other sources` };
  };
  return checklists.map(({ system, rows }) => {
    const judged = rows.map(judge);
    return { system, rows: judged, areas: areasOf(judged) };
  });
}

function judgeProof(
  { proof }: ChecklistRow,
  records: readonly RunRecord[],
): Omit<JudgedRow, 'row'> {
  if (proof === undefined) return { status: 'open' };
  const missing: string[] = [];
  for (const scenario of proof.scenarios) {
    const cells = cleanCells(records, scenario);
    const bad = cells.find(({ validity }) => validity === 'invalid');
    if (bad !== undefined) return { status: 'failed', note: `violated: ${bad.cell.id}` };
    if (!cells.some(({ validity }) => validity === 'valid')) missing.push(scenario);
    if (cells.some(({ validity }) => validity === 'unknown')) missing.push(`${scenario} (unknown)`);
  }
  for (const bug of proof.bugs) {
    const tries = records.filter(({ mutant }) => mutant?.name === bug);
    if (!tries.some(({ mutant }) => mutant?.outcome === 'caught')) missing.push(`bug ${bug}`);
  }
  const measured = proof.figure && worstFigure(proof.figure, records);
  if (proof.figure !== undefined) {
    if (measured === undefined) missing.push(`figure ${proof.figure.name}`);
    else if (!meets(proof.figure, measured)) {
      return { status: 'failed', measured, note: `${proof.figure.name} is ${measured}` };
    }
  }
  const figures = measured === undefined ? {} : { measured };
  if (missing.length > 0) {
    return { status: 'bound', ...figures, note: `not shown here: ${missing.join(', ')}` };
  }
  return { status: 'proven', ...figures };
}

function cleanCells(records: readonly RunRecord[], scenario: string): RunRecord[] {
  return records.filter(({ cell }) => cell.scenario === scenario && cell.mutant === undefined);
}

function worstFigure(bar: BarFigure, records: readonly RunRecord[]): number | undefined {
  const values = cleanCells(records, bar.scenario).flatMap(
    ({ figures }) => figures[bar.name] ?? [],
  );
  if (values.length === 0) return undefined;
  return bar.atMost === undefined ? Math.min(...values) : Math.max(...values);
}

function meets({ atMost = Infinity, atLeast = -Infinity }: BarFigure, value: number): boolean {
  return value <= atMost && value >= atLeast;
}

function areasOf(rows: readonly JudgedRow[]): JudgedArea[] {
  const names = [...new Set(rows.map(({ row }) => row.area))];
  return names.map((area) => {
    const own = rows.filter(({ row }) => row.area === area);
    const proven = own.filter(({ status }) => status === 'proven').length;
    const next = own.find(({ status }) => status !== 'proven' && status !== 'waived');
    const common = { area, proven, rows: own.length, level: levelOf(own, proven) };
    return next === undefined ? common : { ...common, next: next.row.id };
  });
}

function levelOf(rows: readonly JudgedRow[], proven: number): Level {
  const waived = rows.filter(({ status }) => status === 'waived').length;
  if (proven === rows.length) return 'gold';
  if (proven * 2 < rows.length) return 'none';
  return proven + waived === rows.length ? 'silver' : 'bronze';
}
