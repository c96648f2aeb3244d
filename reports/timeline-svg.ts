/**
 * Operations round a linearizability failure as a timeline: a lane for each process, a bar from
 * invocation to completion. What could be put in order is numbered; what can't follow is marked.
 */
import type { LinearizabilityFailure } from '../harness/contract/check-result.ts';
import type { Operation } from '../harness/contract/history.ts';
import { escapeText } from './escape.ts';

const SHOWN_MAX = 40;
const WIDTH = 900;
const LANE = 34;
const LEFT = 90;

export function timelineSvg({ order, stuck }: LinearizabilityFailure): string {
  const near = order.slice(-SHOWN_MAX);
  const numbers = new Map(near.map((one, i) => [one, order.length - near.length + i + 1]));
  const shown: Operation[] = [...near, ...stuck.filter((one) => !numbers.has(one))];
  const first = Math.min(...shown.map(({ invokedIndex }) => invokedIndex));
  const ends = shown.map(({ completedIndex }) => completedIndex).filter(Number.isFinite);
  const last = Math.max(first + 1, ...ends, ...shown.map(({ invokedIndex }) => invokedIndex + 1));
  const x = (index: number) => LEFT + ((WIDTH - LEFT - 10) * (index - first)) / (last - first);
  const lanes = [...new Set(shown.map(({ process }) => process))].sort((a, b) => a - b);
  const height = lanes.length * LANE + 20;
  const labels = lanes.map((process, lane) => {
    const y = lane * LANE + 26;
    return `<text x="4" y="${y}">process ${process}</text><line x1="${LEFT}" x2="${WIDTH}" y1="${y + 10}" y2="${y + 10}" class="rule"/>`;
  });
  const bars = shown.map((one) => {
    const begin = x(one.invokedIndex);
    const end = x(Math.min(one.completedIndex, last));
    const y = lanes.indexOf(one.process) * LANE + 12;
    const bad = stuck.includes(one);
    const label = `${bad ? '✗ ' : `${numbers.get(one)}. `}${describe(one)}`;
    return `<g class="${bad ? 'bad' : 'good'}"><title>${escapeText(label)}</title><rect x="${begin.toFixed(1)}" y="${y}" width="${Math.max(3, end - begin).toFixed(1)}" height="20" rx="3"/><text x="${(begin + 3).toFixed(1)}" y="${y + 14}">${escapeText(label)}</text></g>`;
  });
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="operations in time">${labels.join('')}${bars.join('')}</svg>`;
}

function describe({ f, input, output, type }: Operation): string {
  const shown = type === 'ok' ? JSON.stringify(output ?? null) : '?';
  return `${f} ${JSON.stringify(input ?? null)} → ${shown}`;
}
