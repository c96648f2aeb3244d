/**
 * The report as one HTML page: no network, opens from disk, light and dark, readable in print. The
 * first screen answers whether to rely on the target; everything else is a section that opens.
 */
import { API_HEAD, apiHeadline, apiRow } from './api-coverage.ts';
import { CLUSTER_HEAD, clusterRecords, clusterRow } from './clusters.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';
import { LEDGER_HEAD, ledgerRows } from './ledger.ts';
import type { Figure, ReportModel } from './model.ts';
import { cellName, type SharedSettings, sharedSettings } from './page/cell-names.ts';
import { cellRows } from './page/cell-rows.ts';
import { conclude } from './page/conclusion.ts';
import { anchor, drawer, htmlTable, outcomeBadge, table } from './page/elements.ts';
import { firstScreen } from './page/first-screen.ts';
import { matrix } from './page/matrix.ts';
import { plantedBugs } from './page/planted-bugs.ts';
import { readinessSection } from './page/readiness-section.ts';
import { SCRIPT } from './page/script.ts';
import { PAGE_STYLE } from './page/style.ts';
import { powerCutTable } from './power-cut-report.ts';
import { powerCutFaults, powerCutHeadline } from './power-cut-text.ts';

export function renderHtml(model: ReportModel): string {
  const { run } = model;
  const shared = sharedSettings(model.records);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${text(conclude(model).title)} (${text(run.name)})</title>
<style>${STYLE}${PAGE_STYLE}</style>
<main>
${firstScreen(model, shared)}
${matrix(model, shared)}
${clusters(model, shared)}
${powerCuts(model)}
${plantedBugs(model)}
${figures('tried', 'What was tried', model.figures)}
${ledger(model)}
${figures('speed', 'Speed, first measure', model.load)}
${apiCalls(model)}
${readinessSection(model)}
${cellRows(model, shared)}
<footer><p>Seed ${run.seed} · commit ${text(run.commit)} · ${text(run.startedAt)} · ${text(run.machine)} · Node ${text(run.node)}</p>
<p>Run all of it again: <code>${text(run.command)}</code></p></footer>
</main>
<script>${SCRIPT}</script>
</html>
`;
}

function figures(id: string, title: string, all: readonly Figure[]): string {
  const rows = all.map(({ name, value }) => [name, value]);
  return drawer(id, title, `${rows.length} figures`, table(title, ['figure', 'value'], rows));
}

function clusters({ records }: ReportModel, shared: SharedSettings): string {
  const own = clusterRecords(records);
  const title = 'Clusters under faults';
  const lines = own.map((record) => {
    const [, , ...figures] = clusterRow(record).map(text);
    const name = `<a href="#${anchor(record)}">${text(cellName(record, shared).short)}</a>`;
    return [name, outcomeBadge(record), ...figures];
  });
  const rows = htmlTable(title, CLUSTER_HEAD, lines);
  return drawer('clusters', title, 'speed and recovery, with and without faults', rows);
}

function powerCuts(model: ReportModel): string {
  const sections = model.powerCuts.map(
    (cuts) => `<h3>Beside the cut: ${text(powerCutFaults(cuts))}</h3>
<p>${text(powerCutHeadline(cuts))}. Again: <code>${text(cuts.command)}</code></p>
${powerCutTable(cuts)}`,
  );
  return drawer('power-cuts', 'Power cuts under databases', '', sections.join('\n'));
}

function apiCalls({ apiCoverage }: ReportModel): string {
  if (apiCoverage === undefined) return '';
  const rows = table('Calls judged', API_HEAD, apiCoverage.rows.map(apiRow));
  return drawer('interface', 'The interface', apiHeadline(apiCoverage), rows);
}

function ledger({ records }: ReportModel): string {
  const title = 'Faults of storms';
  const rows = table(title, LEDGER_HEAD, ledgerRows(records));
  return drawer('faults', title, 'how often each struck, and how often that mattered', rows);
}
