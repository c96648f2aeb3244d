/** The readiness checklists: counts, levels by area, and every row. */
import { escapeText as text } from '../escape.ts';
import type { ReportModel } from '../model.ts';
import {
  AREA_HEAD,
  areaRows,
  COUNT_HEAD,
  countRow,
  LEVEL_WORDS,
  ROW_HEAD,
  rowCells,
  STATUS_WORDS,
} from '../readiness-text.ts';
import { drawer, htmlTable, table } from './elements.ts';

export function readinessSection({ checklists }: ReportModel): string {
  if (checklists.length === 0) return '';
  const all = checklists.flatMap(({ rows }) => rows);
  const proven = all.filter(({ status }) => status === 'proven').length;
  const rows = all.map((judged) => {
    const [id = '', status = '', ...others] = rowCells(judged).map(text);
    return [
      `<code>${id}</code>`,
      `<span class="status ${judged.status}">${status}</span>`,
      ...others,
    ];
  });
  return drawer(
    'readiness',
    'Readiness checklists',
    `${proven} of ${all.length} rows proven`,
    `${table('Rows by status', COUNT_HEAD, checklists.map(countRow))}
<p>${text(STATUS_WORDS)}</p>
${table('Levels by area', AREA_HEAD, checklists.flatMap(areaRows))}
<p>${text(LEVEL_WORDS)}</p>
<details><summary>All rows</summary>${htmlTable('All rows', ROW_HEAD, rows)}</details>`,
  );
}
