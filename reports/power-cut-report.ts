/** The report of power cuts under databases, as one HTML page and as Markdown. */
import type { PowerCutRun } from '../harness/contract/power-cut-record.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';
import { POWER_CUT_HEAD, powerCutFacts, powerCutHeadline, powerCutRow } from './power-cut-text.ts';

const TITLE = 'Power cuts under databases';
const CLASS = {
  'as expected': 'valid',
  'not as expected': 'invalid',
  failed: 'unknown',
  unsupported: 'unsupported',
} as const;

export function powerCutHtml(run: PowerCutRun): string {
  const outcomes = run.rows.map(({ outcome }) => CLASS[outcome]);
  const worst = (['invalid', 'unknown', 'valid'] as const).find((one) => outcomes.includes(one));
  const head = POWER_CUT_HEAD.map((name) => `<th>${text(name)}</th>`).join('');
  const rows = run.rows.map((row) => {
    const cells = powerCutRow(row).map((cell) => `<td>${text(cell)}</td>`);
    return `<tr class="${CLASS[row.outcome]}">${cells.join('')}</tr>`;
  });
  const facts = powerCutFacts(run).map(([name, value]) => `<p>${text(name)}: ${text(value)}</p>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${text(TITLE)}</title>
<style>${STYLE}</style>
<main>
<header class="${worst ?? 'unsupported'}">
<p class="kicker">Assay · what was acknowledged, and what was there after the cut</p>
<h1>${text(TITLE)}</h1>
<p class="headline">${text(powerCutHeadline(run))}.</p>
</header>
<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>
<footer>${facts.join('')}</footer>
</main>
</html>
`;
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
