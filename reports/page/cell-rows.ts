/**
 * Every cell as a line that opens: the claim's outcome, why, figures, timeline and the command that
 * replays it. Lines are grouped by outcome, worst first; what passed is closed. `data-` attributes
 * are what the page's filter reads. A line has few elements: a page may have 10,000 of them.
 */
import type { RunRecord } from '../../harness/contract/run-record.ts';
import type { Validity } from '../../harness/contract/verdict.ts';
import { escapeText as text } from '../escape.ts';
import type { ReportModel } from '../model.ts';
import { runTimelineSvg } from '../run-timeline-svg.ts';
import { reasonOf } from './causes.ts';
import { cellName, type SharedSettings } from './cell-names.ts';
import {
  anchor,
  badge,
  chips,
  outcomeBadge,
  STATE,
  STATES,
  seconds,
  stateToken,
} from './elements.ts';

export function cellRows({ records }: ReportModel, shared: SharedSettings): string {
  const groups = STATES.map((validity) => {
    const own = records.filter((record) => record.validity === validity);
    return own.length === 0 ? '' : group(validity, own, shared);
  });
  return `<section id="cells"><h2>Every cell</h2>
<form class="search" role="search" hidden><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="s:failed target:engine fault:pause words" aria-describedby="filter-help"> <output for="filter" id="shown"></output>
<p id="filter-help" class="note">s: (failed, unknown, not-run, passed), target:, scenario:, fault:, bug:, or any word. Keys: / to filter, j and k to move, Enter to open, Escape to clear.</p></form>
${groups.join('\n')}</section>`;
}

function group(validity: Validity, own: readonly RunRecord[], shared: SharedSettings): string {
  const open = validity === 'valid' ? '' : ' open';
  const title = badge(validity, `${own.length.toLocaleString('en-US')} ${STATE[validity]}`);
  return `<details class="group" id="q=s:${stateToken(validity)}"${open}><summary>${title}</summary>
${own.map((record) => row(record, shared)).join('\n')}</details>`;
}

function row(record: RunRecord, shared: SharedSettings): string {
  const { cell, durationMs, historyHash, artefacts, verdict } = record;
  const name = cellName(record, shared);
  const facts = [
    `Seed ${cell.seed}`,
    seconds(durationMs),
    ...(historyHash === undefined ? [] : [`history ${historyHash}`]),
    ...(verdict.firstBadIndex === undefined
      ? []
      : [`first bad operation ${verdict.firstBadIndex}`]),
    ...(artefacts.length === 0 ? [] : [`files: ${artefacts.join(', ')}`]),
  ];
  const lines = [facts.join(' · '), figures(record)].filter((line) => line !== '').join('\n');
  return `<details class="cell" id="${anchor(record)}"${data(record)}><summary>${outcomeBadge(record)} ${text(name.short)}${chips(name.chips)}</summary>
${reasons(record)}${picture(record)}<p class="figures">${text(lines)}</p><pre tabindex="0">${text(record.replay)}</pre></details>`;
}

function data({ cell, validity, timeline, figures: numbers }: RunRecord): string {
  const struck = Object.keys(numbers).filter((name) => name.endsWith(' struck'));
  const faults = [
    ...new Set([
      ...(timeline?.faults.map(({ name }) => name) ?? []),
      ...struck.map((name) => name.slice(0, -' struck'.length)),
    ]),
  ];
  const pairs = [
    ['s', stateToken(validity)],
    ['scenario', cell.scenario],
    ['target', cell.target],
    ['fault', faults.join(' ')],
    ['bug', cell.mutant ?? ''],
  ] as const;
  return pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ` data-${key}="${text(value.toLowerCase())}"`)
    .join('');
}

/** Why it did not pass; of a planted bug, how it showed. */
function reasons(record: RunRecord): string {
  const { verdict, validity, mutant } = record;
  if (validity === 'valid' && mutant === undefined) return '';
  const first = validity === 'valid' ? [] : [reasonOf(record)];
  const all = [...new Set([...first, ...verdict.reasons])];
  return `<ul>${all.map((reason) => `<li>${text(reason)}</li>`).join('')}</ul>`;
}

function picture(
  { timeline }: RunRecord,
  title = 'Latency and operations a second, faults as bands',
) {
  return timeline === undefined ? '' : `<figure>${runTimelineSvg(timeline, title)}</figure>\n`;
}

function figures({ figures: numbers }: RunRecord): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(' · ');
}

function number(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(2);
}
