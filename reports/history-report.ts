/** Benchmarks over time as text and as one HTML page: a line a figure, its steps marked. */
import { short } from './bench-text.ts';
import { escapeText as text } from './escape.ts';
import type { BenchHistory, HistoryRow, SeriesStep } from './history-model.ts';
import { STYLE } from './html-style.ts';

export const HISTORY_HEAD = ['workload', 'store', 'what', 'runs', 'first', 'last', 'steps'];

/** Figures without a step only when `all` are wanted. */
export function historyRows(history: BenchHistory, all: boolean): string[][] {
  return history.rows
    .filter(({ steps }) => all || steps.length > 0)
    .map((row) => {
      const known = row.values.filter((value) => value !== undefined);
      const steps = row.steps.map((step) => stepText(history, step));
      return [
        row.workload,
        row.store,
        row.what,
        String(known.length),
        short(known[0]!),
        short(known.at(-1)!),
        steps.join('; '),
      ];
    });
}

function stepText({ runs }: BenchHistory, { run, change, isWorse, p }: SeriesStep): string {
  const { commit, startedAt } = runs[run]!;
  const percent = `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)} %`;
  return `${percent} (${isWorse ? 'worse' : 'better'}) at ${commit}, ${startedAt.slice(0, 10)}, p ${p.toExponential(0)}`;
}

const WIDTH = 240;
const HEIGHT = 36;
const MARGIN = 4;

/** One series as a small line; a bar where its level changed, thick for the worse. */
export function sparkline({ values, steps }: HistoryRow, title: string): string {
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (run: number) => MARGIN + ((WIDTH - 2 * MARGIN) * run) / Math.max(1, values.length - 1);
  const y = (value: number) =>
    HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (value - low)) / (high - low || 1);
  const points = values.flatMap((value, run) =>
    value === undefined ? [] : [`${x(run).toFixed(1)} ${y(value).toFixed(1)}`],
  );
  const bars = steps.map(({ run, isWorse }) => {
    const at = x(run - 0.5).toFixed(1);
    const style = isWorse ? 'stroke-width="3"' : 'stroke-width="1" stroke-dasharray="3 2"';
    return `<line x1="${at}" x2="${at}" y1="0" y2="${HEIGHT}" stroke="currentColor" opacity="0.5" ${style}/>`;
  });
  return `<svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}"><title>${text(title)}</title>${bars.join('')}<path d="M${points.join('L')}" fill="none" stroke="currentColor" stroke-width="1.4"/></svg>`;
}

export function historyHtml(history: BenchHistory): string {
  const { runs, leftOut, exit, reason } = history;
  const validity = exit === 1 ? 'invalid' : exit === 2 ? 'unknown' : 'valid';
  const head = [...HISTORY_HEAD, 'over time'];
  const cells = historyRows(history, true);
  const rows = history.rows.map((row, i) => {
    const title = `${row.workload} on ${row.store}: ${row.what}`;
    const columns = cells[i]!.map((cell) => `<td>${text(cell)}</td>`).join('');
    return `<tr>${columns}<td>${sparkline(row, title)}</td></tr>`;
  });
  const list = (title: string, of: readonly string[]) =>
    of.length === 0
      ? ''
      : `<h2>${title}</h2><ul>${of.map((one) => `<li>${text(one)}</li>`).join('')}</ul>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: benchmarks over time</title>
<style>${STYLE}</style>
<main>
<header class="${validity}">
<p class="kicker">Assay benchmark history</p>
<h1>${runs.length} runs</h1>
<p class="headline">${text(reason)}.</p>
</header>
<p>A thick bar: worse from there on. A dashed bar: better.</p>
<div class="wide"><table><thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
${list(
  'Runs',
  runs.map(({ startedAt, commit, node, machine }) => `${startedAt} ${commit}, ${node}, ${machine}`),
)}
${list('Left out', leftOut)}
</main>
</html>
`;
}
