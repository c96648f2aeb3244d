/** Scenario × target, worst first. A cell counts its records by outcome and leads to the first. */
import type { RunRecord } from '../../harness/contract/run-record.ts';
import { escapeText as text } from '../escape.ts';
import { gridKey, type ReportModel } from '../model.ts';
import type { SharedSettings } from './cell-names.ts';
import { anchor, badge, htmlTable, outcomeState, STATES } from './elements.ts';

export function matrix(model: ReportModel, shared: SharedSettings): string {
  if (model.scenarios.length === 0) return '';
  const rows = model.scenarios.map((scenario) => ({
    scenario,
    columns: model.targets.map((target) => model.grid.get(gridKey(scenario, target)) ?? []),
  }));
  const rank = (columns: readonly (readonly RunRecord[])[]) =>
    Math.min(...columns.flat().map(({ validity }) => STATES.indexOf(validity)));
  const ranked = rows.toSorted((a, b) => rank(a.columns) - rank(b.columns));
  const cells = ranked.map(({ scenario, columns }) => [
    `<span class="scenario">${text(scenario)}</span>`,
    ...columns.map(outcomes),
  ]);
  return `<section id="matrix"><h2>Scenario × target</h2>${htmlTable('Scenario by target, worst first', ['scenario', ...model.targets], cells)}${legend(shared)}</section>`;
}

function outcomes(records: readonly RunRecord[]): string {
  const groups = Map.groupBy(records, (record) => `${record.validity}\n${outcomeState(record)}`);
  const parts = [...groups.values()].map((group) => {
    const first = group[0]!;
    const count = group.length === 1 ? '' : `${group.length} `;
    const link = `<a href="#${anchor(first)}">${badge(first.validity, `${count}${outcomeState(first)}`)}</a>`;
    return { rank: STATES.indexOf(first.validity), link };
  });
  return parts
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ link }) => link)
    .join(' ');
}

function legend(shared: SharedSettings): string {
  if (shared.size === 0) return '';
  const items = [...shared].map(
    ([target, settings]) =>
      `<li><strong>${text(target)}</strong>: ${text([...settings].map(([name, value]) => `${name}=${value}`).join(', '))}</li>`,
  );
  return `<details id="settings"><summary>Shared settings: what cells of a target run with, unless they say otherwise</summary><ul>${items.join('')}</ul></details>`;
}
