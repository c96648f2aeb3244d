/** The report as one HTML page: no network, opens from disk, light and dark, readable in print. */

import type { RunRecord } from '../harness/contract/run-record.ts';
import type { Validity } from '../harness/contract/verdict.ts';
import { API_HEAD, apiHeadline, apiRow } from './api-coverage.ts';
import { CLUSTER_HEAD, clusterRecords, clusterRow, outcomeWords } from './clusters.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';
import { LEDGER_HEAD, ledgerRows } from './ledger.ts';
import { type Figure, gridKey, type ReportModel } from './model.ts';
import { powerCutTable } from './power-cut-report.ts';
import { powerCutFaults, powerCutHeadline } from './power-cut-text.ts';
import {
  AREA_HEAD,
  areaRows,
  COUNT_HEAD,
  countRow,
  LEVEL_WORDS,
  ROW_HEAD,
  rowCells,
  STATUS_WORDS,
} from './readiness-text.ts';
import { runTimelineSvg } from './run-timeline-svg.ts';

const GLYPH: Readonly<Record<Validity, string>> = {
  valid: '✓',
  invalid: '✗',
  unknown: '?',
  unsupported: '–',
};

export function renderHtml(model: ReportModel): string {
  const { run } = model;
  const ready = model.validity === 'valid' ? 'Nothing failed' : 'Not ready';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${text(run.name)}, ${text(model.validity)}</title>
<style>${STYLE}</style>
<main>
<header class="${model.validity}">
<p class="kicker">Assay readiness report · ${text(run.name)}</p>
<h1>${GLYPH[model.validity]} ${ready}</h1>
<p class="headline">${text(model.headline)}.</p>
<p>${text(run.doc)}.</p>
<ul class="tiles">${model.tiles.map(tile).join('')}</ul>
</header>
${failures(model)}
${grid(model)}
${table(
  'What was tried',
  ['figure', 'value'],
  model.figures.map((f) => [f.name, f.value]),
)}
${clusters(model)}
${bugs(model)}
${ledger(model)}
${powerCuts(model)}
${apiCalls(model)}
${table(
  'Speed, first measure',
  ['figure', 'value'],
  model.load.map((f) => [f.name, f.value]),
)}
${checklists(model)}
${list('What was not verified', model.notVerified)}
${cells(model)}
<footer><p>Seed ${run.seed} · commit ${text(run.commit)} · ${text(run.startedAt)} · ${(run.durationMs / 1000).toFixed(0)} s · ${text(run.machine)} · Node ${text(run.node)}</p>
<p>Again: <code>${text(run.command)}</code></p></footer>
</main>
</html>
`;
}

function tile({ name, value }: Figure): string {
  return `<li><strong>${text(value)}</strong> ${text(name)}</li>`;
}

function failures(model: ReportModel): string {
  if (model.failures.length === 0) return '';
  const items = model.failures.map(
    (
      record,
    ) => `<li class="${record.validity}"><h3>${badge(record.validity)} ${text(record.cell.id)}</h3>
<ul>${record.verdict.reasons.map((reason) => `<li>${text(reason)}</li>`).join('')}</ul>
<p>First bad operation: ${record.verdict.firstBadIndex ?? 'not known'} · artefacts: ${text(record.artefacts.join(', ') || 'none')}</p>
<pre>${text(record.replay)}</pre></li>`,
  );
  return `<section><h2>What fails, and how to replay it</h2><ul class="failures">${items.join('\n')}</ul></section>`;
}

function grid(model: ReportModel): string {
  if (model.scenarios.length === 0) return '';
  const head = model.targets.map((target) => `<th scope="col">${text(target)}</th>`).join('');
  const rows = model.scenarios.map((scenario) => {
    const columns = model.targets.map((target) => {
      const records = model.grid.get(gridKey(scenario, target)) ?? [];
      return `<td>${records.map(cellLink).join(' ')}</td>`;
    });
    return `<tr><th scope="row">${text(scenario)}</th>${columns.join('')}</tr>`;
  });
  return `<section><h2>Scenario × target</h2><div class="wide"><table><thead><tr><th></th>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></section>`;
}

function cellLink(record: RunRecord): string {
  return `<a href="#${anchor(record)}" title="${text(record.cell.id)}">${outcome(record)}</a>`;
}

function clusters(model: ReportModel): string {
  const records = clusterRecords(model.records);
  return table('Clusters under faults', CLUSTER_HEAD, records.map(clusterRow));
}

function powerCuts(model: ReportModel): string {
  const sections = model.powerCuts.map(
    (cuts) => `<h3>Beside the cut: ${text(powerCutFaults(cuts))}</h3>
<p>${text(powerCutHeadline(cuts))}. Again: <code>${text(cuts.command)}</code></p>
${powerCutTable(cuts)}`,
  );
  if (sections.length === 0) return '';
  return `<section><h2>Power cuts under databases</h2>${sections.join('\n')}</section>`;
}

function apiCalls({ apiCoverage }: ReportModel): string {
  if (apiCoverage === undefined) return '';
  const rows = table('Calls judged', [...API_HEAD], apiCoverage.rows.map(apiRow));
  return `<section><h2>The interface</h2><p>${text(apiHeadline(apiCoverage))}.</p><details><summary>All methods and options</summary>${rows}</details></section>`;
}

function ledger(model: ReportModel): string {
  const rows = ledgerRows(model.records);
  if (rows.length === 0) return '';
  return table('Faults of storms: how often they struck, and mattered', [...LEDGER_HEAD], rows);
}

function bugs(model: ReportModel): string {
  if (model.bugs.length === 0) return '';
  const rows = model.bugs.map((record) => [
    record.mutant?.name ?? '',
    record.cell.scenario,
    record.mutant?.outcome ?? '',
    String(record.mutant?.seeds ?? ''),
    `${(record.durationMs / 1000).toFixed(1)} s`,
    record.mutant?.shrunk?.to ?? '',
    record.verdict.reasons[0] ?? '',
    record.mutant?.shrunk?.replay ?? record.replay,
  ]);
  const title = `Planted bugs caught: ${model.bugsCaught} of ${model.bugs.length}`;
  const head = [
    'bug',
    'scenario',
    'outcome',
    'seeds',
    'time',
    'shrunk to',
    'how it showed',
    'again',
  ];
  return table(title, head, rows);
}

function checklists(model: ReportModel): string {
  const rows = model.checklists.flatMap(({ rows: all }) =>
    all.map((judged) => {
      const [id, ...others] = rowCells(judged).map(text);
      const cellsOf = others.map((cell) => `<td>${cell}</td>`).join('');
      return `<tr class="${judged.status}"><td><code>${id}</code></td>${cellsOf}</tr>`;
    }),
  );
  const heads = ROW_HEAD.map((name) => `<th scope="col">${text(name)}</th>`).join('');
  const counts = table('Readiness checklists', COUNT_HEAD, model.checklists.map(countRow));
  const areas = table('Readiness by area', AREA_HEAD, model.checklists.flatMap(areaRows));
  return `${counts}<p>${text(STATUS_WORDS)}</p>${areas}<p>${text(LEVEL_WORDS)}</p><details><summary>All rows</summary><div class="wide"><table><thead><tr>${heads}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

function cells(model: ReportModel): string {
  const items = model.records.map((record) => {
    const figures = Object.entries(record.figures).map(
      ([name, value]) => `<tr><td>${text(name)}</td><td>${number(value)}</td></tr>`,
    );
    const hash = record.historyHash === undefined ? '' : ` · history ${record.historyHash}`;
    return `<details id="${anchor(record)}"><summary>${outcome(record)} ${text(record.cell.id)}</summary>
<p>Seed ${record.cell.seed} · ${(record.durationMs / 1000).toFixed(1)} s${hash}</p>
${picture(record)}<table><tbody>${figures.join('')}</tbody></table><pre>${text(record.replay)}</pre></details>`;
  });
  return `<section><h2>Every cell</h2>${items.join('\n')}</section>`;
}

function picture({ cell, timeline }: RunRecord): string {
  if (timeline === undefined) return '';
  const title = `${cell.id}: latency and operations a second, with the faults as bands`;
  return `<figure>${runTimelineSvg(timeline, title)}</figure>`;
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const line = (cellsOf: readonly string[]) =>
    `<tr>${cellsOf.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  return `<section><h2>${text(title)}</h2><div class="wide"><table><thead><tr>${head.map((name) => `<th scope="col">${text(name)}</th>`).join('')}</tr></thead><tbody>${rows.map(line).join('\n')}</tbody></table></div></section>`;
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<section><h2>${text(title)}</h2><ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul></section>`;
}

/** A hole that had to be found, and was, is a pass; the page says which kind of pass. */
function outcome(record: RunRecord): string {
  const words = outcomeWords(record);
  if (words === record.validity) return badge(record.validity);
  return `<span class="badge valid">${GLYPH.valid} ${words}</span>`;
}

function badge(validity: Validity): string {
  return `<span class="badge ${validity}">${GLYPH[validity]} ${validity}</span>`;
}

function anchor(record: RunRecord): string {
  return record.cell.id.replaceAll(/[^\w-]+/g, '-');
}

function number(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(2);
}
