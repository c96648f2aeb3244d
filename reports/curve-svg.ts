/** Numbers over a run as a picture: a line a store. */
import { escapeText as text } from './escape.ts';

const WIDTH = 860;
const HEIGHT = 220;
const LEFT = 70;
const RIGHT = 120;
const TOP = 14;
const BOTTOM = 28;
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2', '10 4'];

/** The attribute that tells line `i` from the others, in black and white too. */
export function dashOf(i: number): string {
  const dash = DASHES[i % DASHES.length];
  return dash === '' ? '' : ` stroke-dasharray="${dash}"`;
}

export interface NamedCurve {
  readonly name: string;
  readonly rates: readonly number[];
}

const OVER_THE_RUN = 'per second, from the first per cent of the work to the last';

/** `axis`: what the numbers are, and over what. */
export function curveSvg(
  curves: readonly NamedCurve[],
  title: string,
  axis: string = OVER_THE_RUN,
): string {
  const shown = curves.filter(({ rates }) => rates.length > 1);
  if (shown.length === 0) return '';
  const most = Math.max(...shown.flatMap(({ rates }) => rates));
  const y = (rate: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - rate / most);
  const x = (share: number) => LEFT + (WIDTH - LEFT - RIGHT) * share;
  const lines = shown.map(({ name, rates }, i) => {
    const points = rates.map((rate, j) => `${at(x(j / (rates.length - 1)))} ${at(y(rate))}`);
    const style = dashOf(i);
    const label = `<text x="${WIDTH - RIGHT + 6}" y="${TOP + 12 + 16 * i}">${text(name)}</text>`;
    const key = `<line class="line" x1="${WIDTH - 30}" x2="${WIDTH - 4}" y1="${TOP + 8 + 16 * i}" y2="${TOP + 8 + 16 * i}"${style}/>`;
    return `<path class="line" d="M${points.join('L')}"${style}/>${label}${key}`;
  });
  const grid = [0, 0.5, 1].map((share) => {
    const rate = Math.round(most * share).toLocaleString('en-US');
    const line = `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(most * share))}" y2="${at(y(most * share))}"/>`;
    return `${line}<text class="axis" x="${LEFT - 6}" y="${at(y(most * share) + 4)}" text-anchor="end">${rate}</text>`;
  });
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}"><title>${text(title)}</title>${grid.join('')}${lines.join('')}<text class="axis" x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${text(axis)}</text></svg>`;
}

const at = (value: number) => value.toFixed(1);
