/** The report as Markdown: for a job summary or a pull request. Verdict first. */

import { API_HEAD, apiHeadline, apiRow } from './api-coverage.ts';
import { CLUSTER_HEAD, clusterRecords, clusterRow, outcomeWords } from './clusters.ts';
import { LEDGER_HEAD, ledgerRows } from './ledger.ts';
import { gridKey, type ReportModel } from './model.ts';
import { POWER_CUT_HEAD, powerCutFaults, powerCutRow } from './power-cut-text.ts';
import { AREA_HEAD, areaRows, COUNT_HEAD, countRow } from './readiness-text.ts';

export function renderMarkdown(model: ReportModel): string {
  const { run } = model;
  const lines = [`# Assay: ${run.name}`, '', `**${model.headline}**`, ''];
  for (const record of model.failures) {
    lines.push(`## ${record.validity}: ${record.cell.id}`, '');
    lines.push(...record.verdict.reasons.map((reason) => `- ${reason}`));
    lines.push('', '```', record.replay, '```', '');
  }
  if (model.scenarios.length > 0) {
    const rows = model.scenarios.map((scenario) => [
      scenario,
      ...model.targets.map((target) =>
        (model.grid.get(gridKey(scenario, target)) ?? []).map(outcomeWords).join(', '),
      ),
    ]);
    lines.push(...table(['scenario', ...model.targets], rows));
  }
  lines.push(
    ...table(
      ['figure', 'value'],
      model.figures.map((f) => [f.name, f.value]),
    ),
  );
  lines.push(...table(CLUSTER_HEAD, clusterRecords(model.records).map(clusterRow)));
  if (model.bugs.length > 0) {
    lines.push(`Planted bugs caught: ${model.bugsCaught} of ${model.bugs.length}`, '');
    const rows = model.bugs.map((record) => [
      record.mutant?.name ?? '',
      record.cell.scenario,
      record.mutant?.outcome ?? '',
      `${(record.durationMs / 1000).toFixed(1)} s`,
    ]);
    lines.push(...table(['bug', 'scenario', 'outcome', 'time'], rows));
  }
  const ledger = ledgerRows(model.records);
  if (ledger.length > 0) lines.push('Faults of storms', '', ...table([...LEDGER_HEAD], ledger));
  for (const cuts of model.powerCuts) {
    lines.push(`Power cuts under databases; beside the cut: ${powerCutFaults(cuts)}`, '');
    lines.push(...table(POWER_CUT_HEAD, cuts.rows.map(powerCutRow)));
  }
  if (model.apiCoverage !== undefined) {
    lines.push(`Interface: ${apiHeadline(model.apiCoverage)}`, '');
    lines.push(...table([...API_HEAD], model.apiCoverage.rows.map(apiRow)));
  }
  lines.push(
    ...table(
      ['speed', 'value'],
      model.load.map((f) => [f.name, f.value]),
    ),
  );
  lines.push(...table(COUNT_HEAD, model.checklists.map(countRow)));
  lines.push(...table(AREA_HEAD, model.checklists.flatMap(areaRows)));
  if (model.notVerified.length > 0) {
    lines.push('Not verified:', '', ...model.notVerified.map((item) => `- ${item}`), '');
  }
  lines.push(`Seed ${run.seed}, commit ${run.commit}, ${run.startedAt}, ${run.machine}.`);
  lines.push('', '```', run.command, '```', '');
  return lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
