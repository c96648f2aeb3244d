/** A benchmark's report as one HTML page: ratios, then a section a workload with its curve. */
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { benchRows, type WorkloadRows } from './bench-model.ts';
import { RESOURCE_HEAD, resourceRows } from './bench-resources.ts';
import {
  benchFacts,
  LATENCY_HEAD,
  latencyRows,
  RATIO_HEAD,
  ratioRows,
  short,
} from './bench-text.ts';
import { curveSvg } from './curve-svg.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';
import { percentileSvg } from './percentile-svg.ts';

export function benchHtml(run: BenchRun): string {
  const { plan } = run;
  const rows = benchRows(run);
  const wrong = rows.flatMap((one) => one.rows).reduce((sum, row) => sum + row.wrong, 0);
  const validity = wrong > 0 ? 'invalid' : run.missing.length > 0 ? 'unknown' : 'valid';
  const keyBytes = plan.keyOrder === 'prefixed' ? 32 : 16;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: benchmark of ${short(plan.records)} records</title>
<style>${STYLE} td { white-space: nowrap; } .line { fill: none; }</style>
<main>
<header class="${validity}">
<p class="kicker">Assay benchmark · ${text(plan.stores.join(', '))}</p>
<h1>${short(plan.records)} records of ${keyBytes} + ${plan.valueBytes} bytes</h1>
<p class="headline">${wrong > 0 ? `${wrong} values were not what was written` : 'every value read was what was written'}${run.missing.length > 0 ? `; ${run.missing.length} not measured` : ''}.</p>
</header>
${table('Ratios', RATIO_HEAD, ratioRows(rows))}
${run.missing.length > 0 ? `<h2>Not measured</h2><ul>${run.missing.map((what) => `<li>${text(what)}</li>`).join('')}</ul>` : ''}
${rows.map((one) => section(one, run)).join('\n')}
<footer>${benchFacts(run)
    .map(([name, value]) => `<p>${text(name)}: ${text(value)}</p>`)
    .join('')}</footer>
</main>
</html>
`;
}

function section(one: WorkloadRows, run: BenchRun): string {
  const curves = one.rows.map(({ store, curve }) => ({ name: store, rates: curve }));
  const figures = one.rows
    .filter((row) => Object.keys(row.figures).length > 0)
    .map((row) => {
      const shown = Object.entries(row.figures).map(([name, value]) => `${name} ${short(value)}`);
      return `<p>${text(row.store)}: ${text(shown.join(', '))}</p>`;
    });
  const details =
    figures.length === 0
      ? ''
      : `<details><summary>what the stores say of themselves</summary>${figures.join('')}</details>`;
  const percentiles = one.rows.flatMap(({ store, latency }) =>
    Object.entries(latency).map(([kind, { curve = [] }]) => ({
      name: `${store} ${kind}`,
      points: curve,
    })),
  );
  const resources = resourceRows(run, one.workload);
  const taken = resources.length === 0 ? '' : bare(RESOURCE_HEAD, resources);
  const slices = one.rows.flatMap(({ store, latency }) =>
    Object.entries(latency).flatMap(([kind, { overTime = [] }]) =>
      overTime.length < 2 ? [] : [{ name: `${store} ${kind}`, rates: overTime.map((at) => at[2]) }],
    ),
  );
  const overTime =
    slices.length === 0
      ? ''
      : `<figure>${curveSvg(slices, `${one.workload}: p99 over time, µs`)}</figure>`;
  const svg = percentileSvg(percentiles, `${one.workload}: latency by percentile`);
  return `${table(one.workload, LATENCY_HEAD, latencyRows(one))}<figure>${curveSvg(curves, `${one.workload}: ${one.unit} per second`)}</figure>${svg === '' ? '' : `<figure>${svg}</figure>`}${overTime}${taken}${details}`;
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return `<h2>${text(title)}</h2>${bare(head, rows)}`;
}

function bare(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join('');
  return `<div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`;
}
