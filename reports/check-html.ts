/** Checked histories as one HTML page: levels, anomalies with their cycles, timelines. No network. */
import type { AnomalyReport, CheckedFile } from '../harness/contract/check-result.ts';
import { cycleSvg } from './cycle-svg.ts';
import { escapeText } from './escape.ts';
import { STYLE } from './html-style.ts';
import { timelineSvg } from './timeline-svg.ts';

const PICTURES = `
svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: currentColor; }
svg .node { fill: Canvas; stroke: currentColor; stroke-width: 1.5; }
svg .rule { stroke: var(--line); }
svg .good rect { fill: #3b82f655; stroke: #3b82f6; } svg .bad rect { fill: #f4434455; stroke: #cf222e; }
.cycles { display: flex; flex-wrap: wrap; gap: 1rem; }
`;

const GLYPHS: Readonly<Record<string, string>> = {
  valid: '✓',
  holds: '✓',
  invalid: '✗',
  violated: '✗',
};

export function renderCheckHtml(files: readonly CheckedFile[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${files.length} checked ${files.length === 1 ? 'history' : 'histories'}</title>
<style>${STYLE}${PICTURES}</style>
<main>
<p class="kicker">Assay · checked histories</p>
${files.map(section).join('\n')}
</main>
</html>
`;
}

function section({ file, validity, reasons, levels, anomalies, failure }: CheckedFile): string {
  const found = anomalies.map(([name, report]) => anomaly(name, report)).join('');
  const timeline =
    failure === undefined
      ? ''
      : `<h2>Timeline of ${escapeText(failure.object)}</h2>${timelineSvg(failure)}`;
  return `<header class="${validity}">
<h1>${GLYPHS[validity] ?? '?'} ${escapeText(file)}</h1>
<p class="headline">${escapeText(validity)}</p>
${reasons.map((reason) => `<p>${escapeText(reason)}</p>`).join('')}
</header>
${found === '' ? '' : `<h2>Anomalies</h2>${found}`}
${timeline}
${levels.length === 0 ? '' : levelTable(levels)}`;
}

function anomaly(name: string, { count, examples, cycles }: AnomalyReport): string {
  const pictures = cycles.map(cycleSvg).join('');
  const words = examples.map((example) => `<p>${escapeText(example)}</p>`).join('');
  return `<details open><summary><strong>${escapeText(name)}</strong> × ${count.toLocaleString('en-US')}</summary>${words}<div class="cycles">${pictures}</div></details>`;
}

function levelTable(levels: CheckedFile['levels']): string {
  const rows = levels.map(
    ([level, status]) =>
      `<tr><td>${escapeText(level)}</td><td class="badge ${status === 'holds' ? 'valid' : status === 'violated' ? 'invalid' : 'unknown'}">${GLYPHS[status] ?? '?'} ${escapeText(status)}</td></tr>`,
  );
  return `<h2>Levels</h2><table><thead><tr><th>level</th><th>status</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
