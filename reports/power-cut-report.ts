/** The report of power cuts under databases, as one HTML page and as Markdown. */
import type { PowerCutRun } from '../harness/contract/power-cut-record.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';
import {
  POWER_CUT_HEAD,
  POWER_CUT_VALIDITY,
  powerCutFacts,
  powerCutHeadline,
  powerCutRow,
  powerCutValidity,
} from './power-cut-text.ts';

const TITLE = 'Power cuts under databases';
export function powerCutHtml(run: PowerCutRun): string {
  const facts = powerCutFacts(run).map(([name, value]) => `<p>${text(name)}: ${text(value)}</p>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${text(TITLE)}</title>
<style>${STYLE}</style>
<main>
<header class="${powerCutValidity(run)}">
<p class="kicker">Assay · what was acknowledged, and what was there after the cut</p>
<h1>${text(TITLE)}</h1>
<p class="headline">${text(powerCutHeadline(run))}.</p>
</header>
${powerCutTable(run)}
<footer>${facts.join('')}</footer>
</main>
</html>
`;
}

/** The rows as a table of HTML. */
export function powerCutTable({ rows }: PowerCutRun): string {
  const head = POWER_CUT_HEAD.map((name) => `<th>${text(name)}</th>`).join('');
  const lines = rows.map((row) => {
    const cells = powerCutRow(row).map((cell) => `<td>${text(cell)}</td>`);
    return `<tr class="${POWER_CUT_VALIDITY[row.outcome]}">${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}

export function powerCutMarkdown(run: PowerCutRun): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `# ${TITLE}`,
    '',
    `**${powerCutHeadline(run)}.**`,
    '',
    ...powerCutFacts(run).map(([name, value]) => `- ${name}: ${value}`),
    '',
    line(POWER_CUT_HEAD),
    line(POWER_CUT_HEAD.map(() => '---')),
    ...run.rows.map((row) => line(powerCutRow(row))),
    '',
  ].join('\n');
}
