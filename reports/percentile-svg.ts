/**
 * Latency by percentile as a picture, as HdrHistogram draws it: every step to the right is another
 * nine, every step up ten times as long; a line a store and kind of operation.
 */
import { dashOf } from './curve-svg.ts';
import { escapeText as text } from './escape.ts';

const WIDTH = 860;
const HEIGHT = 260;
const LEFT = 70;
const RIGHT = 220;
const TOP = 14;
const BOTTOM = 40;

export interface PercentileCurve {
  readonly name: string;
  /** Ascending; microseconds. */
  readonly points: readonly (readonly [percentile: number, microseconds: number])[];
}

/** An empty text where there is nothing to draw. */
export function percentileSvg(curves: readonly PercentileCurve[], title: string): string {
  const shown = curves.filter(({ points }) => points.length > 1);
  if (shown.length === 0) return '';
  const all = shown.flatMap(({ points }) => points);
  const nines = Math.max(1, ...all.map(([percentile]) => ninesOf(percentile)));
  const decades = all.map(([, microseconds]) => Math.log10(Math.max(0.001, microseconds)));
  const low = Math.floor(Math.min(...decades));
  const high = Math.max(low + 1, Math.ceil(Math.max(...decades)));
  const x = (percentile: number) => LEFT + ((WIDTH - LEFT - RIGHT) * ninesOf(percentile)) / nines;
  const y = (decade: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (decade - low) / (high - low));
  const lines = shown.map(({ name, points }, i) => {
    const path = points.map(
      ([percentile, microseconds]) =>
        `${at(x(percentile))} ${at(y(Math.log10(Math.max(0.001, microseconds))))}`,
    );
    const style = dashOf(i);
    const row = TOP + 16 * i;
    const label = `<text x="${WIDTH - RIGHT + 36}" y="${row + 12}">${text(name)}</text>`;
    const key = `<line class="line" x1="${WIDTH - RIGHT + 6}" x2="${WIDTH - RIGHT + 32}" y1="${row + 8}" y2="${row + 8}"${style}/>`;
    return `<path class="line" d="M${path.join('L')}"${style}/>${label}${key}`;
  });
  const rows = Array.from({ length: high - low + 1 }, (_, i) => {
    const place = at(y(low + i));
    const line = `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place}" y2="${place}"/>`;
    return `${line}<text class="axis" x="${LEFT - 6}" y="${at(y(low + i) + 4)}" text-anchor="end">${wordsOf(10 ** (low + i))}</text>`;
  });
  const ticks = Array.from({ length: Math.floor(nines) + 1 }, (_, i) => {
    const percentile = i === 0 ? 0 : 100 - 10 ** (2 - i);
    const name = i === 0 ? '0 %' : `${percentile} %`;
    return `<text class="axis" x="${at(x(percentile))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${name}</text>`;
  });
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}"><title>${text(title)}</title>${rows.join('')}${ticks.join('')}${lines.join('')}<text class="axis" x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">latency by percentile</text></svg>`;
}

function ninesOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function wordsOf(microseconds: number): string {
  if (microseconds >= 1e6) return `${microseconds / 1e6} s`;
  if (microseconds >= 1000) return `${microseconds / 1000} ms`;
  return `${Number(microseconds.toPrecision(1))} µs`;
}

const at = (value: number) => value.toFixed(1);
