/** ReportModel: all content of a report, computed once. A pure function of saved records. */
import type { ApiCoverage } from '../harness/contract/api.ts';
import type { PowerCutRun } from '../harness/contract/power-cut-record.ts';
import type { RunRecord } from '../harness/contract/run-record.ts';
import { type Validity, worst } from '../harness/contract/verdict.ts';
import { apiHeadline, apiValidity } from './api-coverage.ts';
import type { Checklist } from './checklist.ts';
import { powerCutHeadline, powerCutValidity, powerLossNotTested } from './power-cut-text.ts';
import { type Evidence, type JudgedChecklist, judgeChecklists } from './readiness.ts';
import type { RunInfo } from './run-info.ts';

export interface Figure {
  readonly name: string;
  readonly value: string;
}

export interface ReportModel {
  readonly run: RunInfo;
  readonly validity: Validity;
  /** The first line: "2 failed · 1 unknown · 19 not run · 41 passed". */
  readonly headline: string;
  readonly scenarios: readonly string[];
  readonly targets: readonly string[];
  /** Cells without a planted bug, by scenario and target. */
  readonly grid: ReadonlyMap<string, readonly RunRecord[]>;
  readonly records: readonly RunRecord[];
  readonly failures: readonly RunRecord[];
  readonly bugs: readonly RunRecord[];
  readonly bugsCaught: number;
  /** Summary figures of the run. */
  readonly tiles: readonly Figure[];
  readonly figures: readonly Figure[];
  readonly load: readonly Figure[];
  readonly checklists: readonly JudgedChecklist[];
  readonly notVerified: readonly string[];
  /** What power cuts under databases of the machine found, where they are part of the run. */
  readonly powerCuts: readonly PowerCutRun[];
  /** Where the run had to judge all of an interface. */
  readonly apiCoverage?: ApiCoverage;
}

export function reportModel(
  run: RunInfo,
  records: readonly RunRecord[],
  checklists: readonly Checklist[],
  powerCuts: readonly PowerCutRun[] = [],
  apiCoverage?: ApiCoverage,
  saved: readonly Evidence[] = [],
): ReportModel {
  const clean = records.filter(({ cell }) => cell.mutant === undefined);
  const bugs = records.filter(({ cell }) => cell.mutant !== undefined);
  const current = { run: run.name, tree: run.tree, records };
  const today = run.startedAt.slice(0, 10);
  const judged = judgeChecklists(checklists, current, saved, today);
  const grid = new Map<string, RunRecord[]>();
  for (const record of clean) {
    const key = gridKey(record.cell.scenario, targetOf(record));
    grid.set(key, [...(grid.get(key) ?? []), record]);
  }
  return {
    run,
    validity: overall(records, powerCuts, apiCoverage, run.partial),
    headline: headlineOf(records, powerCuts, apiCoverage, run.partial),
    scenarios: [...new Set(clean.map(({ cell }) => cell.scenario))],
    targets: [...new Set(clean.map(targetOf))].sort(),
    grid,
    records,
    failures: records.filter(({ validity }) => validity === 'invalid' || validity === 'unknown'),
    bugs,
    bugsCaught: bugs.filter(({ mutant }) => mutant?.outcome === 'caught').length,
    tiles: tilesOf(clean, judged),
    figures: totals(clean),
    load: loadFigures(clean),
    checklists: judged,
    notVerified: [...new Set(clean.flatMap(({ notVerified }) => notVerified))],
    powerCuts,
    ...(apiCoverage !== undefined && { apiCoverage }),
  };
}

export function gridKey(scenario: string, target: string): string {
  return `${scenario}\n${target}`;
}

/** The worst of all that ran; `unsupported` only when nothing did. */
function overall(
  records: readonly RunRecord[],
  powerCuts: readonly PowerCutRun[],
  apiCoverage: ApiCoverage | undefined,
  partial: RunInfo['partial'],
): Validity {
  const all = [...records.map(({ validity }) => validity), ...powerCuts.map(powerCutValidity)];
  if (apiCoverage !== undefined) all.push(apiValidity(apiCoverage));
  if (partial !== undefined) all.push('unknown');
  const ran = all.filter((validity) => validity !== 'unsupported');
  return worst(ran.length > 0 ? ran : all);
}

/** The first line of every run, on screen and on the page. */
export function headlineOf(
  records: readonly RunRecord[],
  powerCuts: readonly PowerCutRun[] = [],
  apiCoverage?: ApiCoverage,
  partial?: RunInfo['partial'],
): string {
  const count = (wanted: Validity) => records.filter((record) => record.validity === wanted).length;
  const counted = [
    [count('invalid'), 'failed'],
    [count('unknown'), 'unknown'],
    [count('unsupported'), 'not run'],
    [count('valid'), 'passed'],
  ] as const;
  const parts = counted
    .filter(([number, word]) => number > 0 || word === 'passed')
    .map(([number, word]) => `${number} ${word}`);
  const line = [`${overall(records, powerCuts, apiCoverage, partial)}: ${parts.join(' · ')}`];
  if (partial !== undefined) {
    line.push(
      `${partial.cells - records.length} of ${partial.cells} cells left out: ${partial.why}`,
    );
  }
  const untested = powerLossNotTested(records);
  const needs = records
    .filter((record) => record.validity === 'unsupported')
    .flatMap((record) => record.verdict.reasons)
    .filter((reason) => !untested.includes(reason));
  line.push(...untested);
  if (needs.length > 0) line.push(`not run: ${[...new Set(needs)].join(', ')}`);
  for (const cuts of powerCuts) line.push(`power cuts: ${powerCutHeadline(cuts)}`);
  if (apiCoverage !== undefined) line.push(apiHeadline(apiCoverage));
  return line.join('; ');
}

/** Settings that make a target another product, in the order they are shown. */
export const SHOWN: readonly string[] = ['synchronous', 'isolation', 'replication', 'reads', 'via'];

/** A target is shown with the settings that make it another product. */
export function targetOf({ cell }: RunRecord): string {
  const shown = SHOWN.map((name) => cell.settings[name]).filter((value) => value !== undefined);
  return [cell.target, ...shown].join(' ');
}

function tilesOf(clean: readonly RunRecord[], checklists: readonly JudgedChecklist[]): Figure[] {
  const sum = (figure: string) =>
    clean.reduce((total, record) => total + (record.figures[figure] ?? 0), 0);
  const tiles = [
    { name: 'SIGKILLs, each with a restart and a check', value: sum('kills') },
    { name: 'crash states opened and checked', value: sum('crashStates') + sum('distinctStates') },
    { name: 'storms of faults', value: sum('storms') },
    { name: 'damaged stores tried', value: sum('damagedStores') },
    { name: 'interleavings tried', value: sum('seeds') },
    { name: 'network and process faults', value: sum('faults') },
    { name: 'acknowledged operations checked', value: sum('acknowledged') },
  ]
    .filter(({ value }) => value > 0)
    .map(({ name, value }) => ({ name, value: whole(value) }));
  const rows = checklists.flatMap((checklist) => checklist.rows);
  const proven = rows.filter(({ status }) => status === 'proven').length;
  return [
    ...tiles,
    {
      name: 'readiness rows proven, saved runs of the same sources included',
      value: `${proven} of ${rows.length}`,
    },
  ];
}

function totals(records: readonly RunRecord[]): Figure[] {
  const figures: Figure[] = [];
  const sum = (name: string, of: readonly RunRecord[]) =>
    of.reduce((total, record) => total + (record.figures[name] ?? 0), 0);
  for (const target of new Set(records.map(targetOf))) {
    const own = records.filter((record) => targetOf(record) === target);
    const add = (name: string, figure: string) => {
      const value = sum(figure, own);
      if (value > 0) figures.push({ name: `${target}: ${name}`, value: whole(value) });
    };
    add('crash loops (SIGKILL, restart, check)', 'kills');
    add('distinct crash states of short workloads', 'distinctStates');
    add('storms', 'storms');
    add('crashes in storms', 'crashes');
    add('crash states opened and checked', 'crashStates');
    add('damaged stores tried', 'damagedStores');
    add('interleavings tried', 'seeds');
    add('acknowledged operations checked', 'acknowledged');
    add('operations of unknown outcome', 'indefinite');
    for (const { cell, recovery } of own) {
      if (recovery === undefined) continue;
      const { p50, p95, p99 } = recovery;
      const value = `${p50.toFixed(1)} / ${p95.toFixed(1)} / ${p99.toFixed(1)} ms`;
      figures.push({ name: `${target}: recovery p50/p95/p99, ${cell.scenario}`, value });
    }
  }
  return figures;
}

function loadFigures(records: readonly RunRecord[]): Figure[] {
  return records.flatMap(({ figures }) =>
    Object.entries(figures)
      .filter(([name]) => name.endsWith('/s') || name.startsWith('write ratio'))
      .map(([name, value]) => ({
        name,
        value: name.endsWith('/s') ? whole(value) : `${value.toFixed(2)} ×`,
      })),
  );
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
