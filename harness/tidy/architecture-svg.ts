/**
 * The picture of `docs/architecture.md`, drawn from the layer table. Run as a program it writes
 * `docs/architecture.svg`; the tidy test compares that file with what this draws.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Layer, TOWERS, type Tower } from './layers.ts';
import { ROOT } from './source-tree.ts';

export const PICTURE = 'docs/architecture.svg';

const WIDTH = 980;
const MARGIN = 20;
const COLUMN_WIDTH = 465;
const LINE = 17;
const GAP = 10;
const LINE_CHARS = 62;
const INK = '#1f2937';
const FAINT = '#6b7280';
const FILLS = ['#e0ecff', '#e7f6ec'];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function textAt(x: number, y: number, text: string, style: string): string {
  return `<text x="${x}" y="${y}" ${style}>${escaped(text)}</text>`;
}

const TITLE = `font-size="14" font-weight="600" fill="${INK}"`;
const DOC = `font-size="12" fill="${INK}"`;
const PATHS = `font-size="11.5" font-family="ui-monospace, monospace" fill="${FAINT}"`;

/** The paths of a layer without their common beginning, in lines that fit the column. */
function pathLines({ holds }: Layer, root: string): string[] {
  const lines: string[] = [];
  for (const path of holds) {
    const name = path === root ? '(the rest)' : path.slice(root.length);
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < LINE_CHARS) {
      lines[lines.length - 1] = `${last}  ${name}`;
    } else lines.push(name);
  }
  return lines;
}

function box(x: number, y: number, width: number, lines: readonly string[], fill: string) {
  const height = LINE * lines.length + 14;
  const frame = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${FAINT}"/>`;
  const texts = lines.map((line, i) => {
    const style = i === 0 ? TITLE : i === 1 ? DOC : PATHS;
    return textAt(x + 12, y + 20 + LINE * i, line, style);
  });
  return { svg: [frame, ...texts].join('\n'), bottom: y + height };
}

/** A column of layers, the top one first. */
function column(tower: Tower, x: number, top: number, fill: string) {
  const parts = [textAt(x, top, `${tower.name}  ${tower.doc}`, TITLE)];
  let y = top + GAP;
  for (const layer of [...tower.layers].reverse()) {
    const lines = [layer.name, layer.doc, ...pathLines(layer, tower.name)];
    const drawn = box(x, y, COLUMN_WIDTH, lines, fill);
    parts.push(drawn.svg);
    y = drawn.bottom + GAP;
  }
  return { svg: parts.join('\n'), bottom: y };
}

export function architectureSvg(): string {
  const data = box(
    MARGIN,
    MARGIN,
    WIDTH - 2 * MARGIN,
    [
      'scenarios/  matrices/',
      'data: the guarantee, the workload, the faults and the checkers of a test; which tests run where',
    ],
    '#fff7e0',
  );
  const columns = TOWERS.map((tower, i) =>
    column(
      tower,
      MARGIN + i * (WIDTH - 2 * MARGIN - COLUMN_WIDTH),
      data.bottom + 2.5 * LINE,
      FILLS[i]!,
    ),
  );
  const bottom = Math.max(...columns.map((each) => each.bottom));
  const flow = box(
    MARGIN,
    bottom + GAP,
    WIDTH - 2 * MARGIN,
    [
      'reports/',
      'pages from saved run records:   target → history → verdict → run record → matrix result → report',
    ],
    '#f3e8ff',
  );
  const height = flow.bottom + MARGIN;
  const note = textAt(
    WIDTH - MARGIN - COLUMN_WIDTH,
    bottom - 4,
    'A box imports boxes below it. Only targets/reference-engine* import engine/.',
    `font-size="12" fill="${FAINT}"`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif">`,
    '<title>The layers of the harness and of the engine</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    data.svg,
    ...columns.map((each) => each.svg),
    note,
    flow.svg,
    '</svg>\n',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(ROOT, PICTURE), architectureSvg());
