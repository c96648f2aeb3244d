/** Parts that several sections of the page are made of. Everything given as text is escaped. */
import type { RunRecord } from '../../harness/contract/run-record.ts';
import type { Validity } from '../../harness/contract/verdict.ts';
import { outcomeWords } from '../clusters.ts';
import { escapeText as text } from '../escape.ts';

export const GLYPH: Readonly<Record<Validity, string>> = {
  valid: '✓',
  invalid: '✗',
  unknown: '?',
  unsupported: '–',
};

/** The outcome of a cell, as worded on the page. */
export const STATE: Readonly<Record<Validity, string>> = {
  valid: 'passed',
  invalid: 'failed',
  unknown: 'unknown',
  unsupported: 'not run',
};

/** Worst first. */
export const STATES: readonly Validity[] = ['invalid', 'unknown', 'unsupported', 'valid'];

/** As filters write it: one word. */
export const stateToken = (validity: Validity): string => STATE[validity].replace(' ', '-');

export function badge(validity: Validity, words = STATE[validity]): string {
  return `<span class="badge ${validity}">${GLYPH[validity]} ${text(words)}</span>`;
}

/** A hole or planted bug that had to be found, and was, is a pass; the page says of which kind. */
export function outcomeBadge(record: RunRecord): string {
  return badge(record.validity, outcomeState(record));
}

export function outcomeState(record: RunRecord): string {
  if (record.validity === 'valid' && record.mutant?.outcome === 'caught') return 'caught';
  const words = outcomeWords(record);
  return words === record.validity ? STATE[record.validity] : words;
}

export function anchor({ cell }: RunRecord): string {
  return cell.id.replaceAll(/[^\w-]+/g, '-');
}

export function chips(words: readonly string[]): string {
  return words.map((word) => ` <span class="chip">${text(word)}</span>`).join('');
}

export function copyButton(command: string, what: string): string {
  return `<button type="button" class="copy" hidden data-copy="${text(command)}" aria-label="Copy the command that runs ${text(what)} again">copy replay</button>`;
}

/** A table whose rows become cards on narrow screens. `label` names it for screen readers. */
export function table(
  label: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return htmlTable(
    label,
    head,
    rows.map((row) => row.map(text)),
  );
}

/** As `table`, with cells that are HTML already. The first column names the row. */
export function htmlTable(
  label: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const cell = (content: string, i: number) =>
    content === '' ? '<td></td>' : `<td data-label="${text(head[i + 1] ?? '')}">${content}</td>`;
  const line = ([name = '', ...others]: readonly string[]) =>
    `<tr><th scope="row">${name}</th>${others.map(cell).join('')}</tr>`;
  const heads = head.map((name) => `<th scope="col">${text(name)}</th>`).join('');
  return `<table aria-label="${text(label)}"><thead><tr>${heads}</tr></thead><tbody>${rows.map(line).join('\n')}</tbody></table>`;
}

/** A collapsed section; `note` in its title says what it contains. */
export function drawer(id: string, title: string, note: string, content: string): string {
  if (content === '') return '';
  return `<details class="section" id="${id}"><summary><h2>${text(title)}</h2> <span class="note">${text(note)}</span></summary>
${content}</details>`;
}

export function clip(words: string, characters: number): string {
  return words.length <= characters ? words : `${words.slice(0, characters)} …`;
}

export function seconds(ms: number): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
