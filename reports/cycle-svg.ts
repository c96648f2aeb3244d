/**
 * A cycle of transactions as a picture: nodes on a circle, an arrow for each edge with its kind,
 * and the reason as a tooltip. Plain SVG.
 */
import type { NamedCycle } from '../harness/contract/check-result.ts';
import { escapeText } from './escape.ts';

const WIDTH = 420;
const NODE_RADIUS = 26;
const ARROW = 9;

/** Colour with a word: the kind is written at each arrow. */
const COLOURS: Readonly<Record<string, string>> = {
  ww: '#b45309',
  wr: '#1d4ed8',
  rw: '#be123c',
  process: '#4d7c0f',
  realtime: '#6d28d9',
  visible: '#0f766e',
};

export function cycleSvg({ nodes, edges }: NamedCycle): string {
  const count = Math.max(1, edges.length);
  const radius = 60 + 16 * Math.min(count, 12);
  const height = 2 * radius + 4 * NODE_RADIUS;
  const width = Math.max(WIDTH, height);
  const place = (i: number) => {
    const angle = (2 * Math.PI * (i % count)) / count - Math.PI / 2;
    return { x: width / 2 + radius * Math.cos(angle), y: height / 2 + radius * Math.sin(angle) };
  };
  const arrows = edges.map((edge, i) => arrow(place(i), place(i + 1), edge, count === 2));
  const circles = nodes.slice(0, count).map((name, i) => {
    const { x, y } = place(i);
    return `<g><circle cx="${round(x)}" cy="${round(y)}" r="${NODE_RADIUS}" class="node"/><text x="${round(x)}" y="${round(y + 4)}" text-anchor="middle">${escapeText(name)}</text></g>`;
  });
  const title = edges.map(({ kind }, i) => `${nodes[i]} –${kind}→ ${nodes[i + 1]}`).join(', ');
  return `<svg class="cycle" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" role="img" aria-label="${escapeText(title)}">${arrows.join('')}${circles.join('')}</svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function arrow(
  from: Point,
  to: Point,
  { kind, why }: { readonly kind: string; readonly why: string },
  bent: boolean,
): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const bend = bent ? 46 : 18;
  const middle = { x: (from.x + to.x) / 2 - dy * bend, y: (from.y + to.y) / 2 + dx * bend };
  const start = edgeOf(from, middle, NODE_RADIUS);
  const end = edgeOf(to, middle, NODE_RADIUS + 2);
  const [ux, uy] = unit(middle, end);
  const head = [
    `${round(end.x)},${round(end.y)}`,
    `${round(end.x - ux * ARROW - uy * 4)},${round(end.y - uy * ARROW + ux * 4)}`,
    `${round(end.x - ux * ARROW + uy * 4)},${round(end.y - uy * ARROW - ux * 4)}`,
  ].join(' ');
  const colour = COLOURS[kind] ?? '#52525b';
  return `<g stroke="${colour}" fill="${colour}"><title>${escapeText(why)}</title><path d="M${round(start.x)} ${round(start.y)} Q${round(middle.x)} ${round(middle.y)} ${round(end.x)} ${round(end.y)}" fill="none" stroke-width="1.8"/><polygon points="${head}"/><text x="${round(middle.x - dy * 8)}" y="${round(middle.y + dx * 8 + 4)}" text-anchor="middle" stroke="none">${escapeText(kind)}</text></g>`;
}

/** The point on a circle round `centre` that faces `towards`. */
function edgeOf(centre: Point, towards: Point, radius: number): Point {
  const [ux, uy] = unit(centre, towards);
  return { x: centre.x + ux * radius, y: centre.y + uy * radius };
}

function unit(from: Point, to: Point): readonly [number, number] {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return [(to.x - from.x) / length, (to.y - from.y) / length];
}

const round = (value: number) => Math.round(10 * value) / 10;
