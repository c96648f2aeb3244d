/** The page of a soak: what it shows so far, and its samples as curves. */

import type { SoakSample, SoakState } from '../harness/contract/soak-record.ts';
import type { Verdict } from '../harness/contract/verdict.ts';
import { curveSvg } from './curve-svg.ts';
import { escapeText as text } from './escape.ts';
import { STYLE } from './html-style.ts';

export interface SoakPage {
  readonly state: SoakState;
  readonly samples: readonly SoakSample[];
  readonly verdict: Verdict;
  readonly figures: Readonly<Record<string, number>>;
  readonly notVerified: readonly string[];
  /** Hours of load that were asked for. */
  readonly hours: number;
  /** The command that resumes it. */
  readonly command: string;
}

const POINTS_MAX = 400;
const MIB = 2 ** 20;

export function soakHtml(page: SoakPage): string {
  const { state, verdict, figures, notVerified, hours, command } = page;
  const { config } = state;
  const rows = Object.entries(figures).map(
    ([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${number(value)}</td></tr>`,
  );
  const settings = Object.entries(config.settings).map(([name, value]) => `${name}=${value}`);
  const done = `${number(state.ms / 3_600_000)} of ${number(hours)} hours under load`;
  const list = (items: readonly string[]) =>
    `<ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Soak of ${text(config.target)}: ${verdict.validity}</title><style>${STYLE}</style></head><body><main>
<p class="kicker">Assay soak · ${text([config.target, ...settings].join(' '))}</p>
<h1>${verdict.validity}: ${text(done)}</h1>
${list(verdict.reasons)}
<p>Begun ${text(state.startedAt)}, seed ${config.seed}, ${number(config.keys)} keys, ${config.clients} clients, lives of ${config.lifeSeconds} s, sources ${text(config.tree)}.</p>
<section><h2>Figures</h2><table><tbody>${rows.join('')}</tbody></table></section>
<section><h2>Over time</h2>${pictures(page.samples)}</section>
<section><h2>Not verified</h2>${list(notVerified)}</section>
<section><h2>Resume</h2><pre>${text(command)}</pre></section>
</main></body></html>
`;
}

function pictures(samples: readonly SoakSample[]): string {
  const thin = thinned(samples);
  const hours = number((samples.at(-1)?.ms ?? 0) / 3_600_000);
  const picture = (
    name: string,
    unit: string,
    curves: Readonly<Record<string, (sample: SoakSample) => number>>,
  ) => {
    const lines = Object.entries(curves).map(([label, of]) => ({
      name: label,
      rates: thin.map(of),
    }));
    return `<figure>${curveSvg(lines, name, `${unit}, over ${hours} hours`)}<figcaption>${name}</figcaption></figure>`;
  };
  return [
    picture('Operations', 'a second', { operations: (one) => one.operationsPerSecond }),
    picture('Latency', 'microseconds', {
      p50: ({ p50 }) => 1000 * p50,
      p99: ({ p99 }) => 1000 * p99,
      'p99.9': ({ p999 }) => 1000 * p999,
    }),
    picture('Memory', 'MiB', { resident: ({ rssBytes = 0 }) => rssBytes / MIB }),
    picture('Handles', 'open', { handles: ({ handles = 0 }) => handles }),
    picture('Disk', 'MiB', {
      'all files': ({ diskBytes }) => diskBytes / MIB,
      logs: ({ logBytes }) => logBytes / MIB,
    }),
  ].join('\n');
}

function thinned(samples: readonly SoakSample[]): readonly SoakSample[] {
  const every = Math.max(1, Math.ceil(samples.length / POINTS_MAX));
  return samples.filter((_, i) => i % every === 0);
}

function number(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
