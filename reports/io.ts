/** Reads saved runs and writes their reports. The only file here that touches the disk. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ApiCoverage } from '../harness/contract/api.ts';
import type { PowerCutRun } from '../harness/contract/power-cut-record.ts';
import type { RunRecord } from '../harness/contract/run-record.ts';
import { type Checklist, checklistSchema } from './checklist.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { type ReportModel, reportModel } from './model.ts';
import type { Evidence } from './readiness.ts';
import type { RunInfo } from './run-info.ts';

/** Beside run.json, where the run had to judge all of an interface. */
export const API_COVERAGE = 'api-coverage.json';

/** Writes report.html, report.md, results.json and junit.xml into the run's directory. */
export function writeReports(
  directory: string,
  checklistDirectory: string,
  publishedDirectory: string,
): ReportModel {
  const run = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as RunInfo;
  const model = reportModel(
    run,
    loadRecords(directory),
    loadChecklists(checklistDirectory),
    loadPowerCuts(directory),
    loadApiCoverage(directory),
    loadEvidence(publishedDirectory),
  );
  writeFileSync(join(directory, 'report.html'), renderHtml(model));
  writeFileSync(join(directory, 'report.md'), renderMarkdown(model));
  writeFileSync(join(directory, 'junit.xml'), renderJunit(model));
  writeFileSync(join(directory, 'results.json'), `${JSON.stringify(resultsOf(model), null, 2)}\n`);
  return model;
}

export function loadRecords(directory: string): RunRecord[] {
  const cells = join(directory, 'cells');
  return readdirSync(cells)
    .map((name) => join(cells, name, 'record.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as RunRecord)
    .filter(isJudged);
}

/** A planted bug counts as caught only beside a control; a stopped run may not have got there. */
export function isJudged({ mutant }: RunRecord): boolean {
  return mutant?.outcome !== 'caught' || mutant.control !== undefined;
}

/** Power cuts whose figures were put beside the run's: see `assay power-loss --out`. */
function loadPowerCuts(directory: string): PowerCutRun[] {
  return readdirSync(directory)
    .filter((name) => /^power-loss.*\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as PowerCutRun);
}

function loadApiCoverage(directory: string): ApiCoverage | undefined {
  const path = join(directory, API_COVERAGE);
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as ApiCoverage;
}

/** The saved runs below `directory`, oldest first; a directory that is not there has none. */
export function loadEvidence(directory: string): Evidence[] {
  if (!existsSync(directory)) return [];
  const runs = readdirSync(directory).sort();
  return runs.flatMap((run) => {
    const path = join(directory, run, 'results.json');
    if (!existsSync(path)) return [];
    const saved = JSON.parse(readFileSync(path, 'utf8')) as { run: RunInfo; records: RunRecord[] };
    return [{ run, tree: saved.run.tree, records: saved.records }];
  });
}

export function loadChecklists(directory: string): Checklist[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => checklistSchema.parse(parse(readFileSync(join(directory, name), 'utf8'))));
}

function resultsOf(model: ReportModel) {
  const checklists = model.checklists.map(({ system, rows, areas }) => ({
    system,
    areas,
    rows: rows.map(({ row, ...judged }) => ({ id: row.id, ...judged })),
  }));
  const { run, validity, headline, records, powerCuts, notVerified, apiCoverage } = model;
  return { run, validity, headline, checklists, notVerified, powerCuts, apiCoverage, records };
}
