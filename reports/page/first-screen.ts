/**
 * The first screen: conclusion, counts, failures by cause, what was not verified, and evidence for the
 * run's own reliability (planted bugs caught, next row of the readiness checklists).
 */
import { escapeText as text } from '../escape.ts';
import type { ReportModel } from '../model.ts';
import { type Cause, causesOf } from './causes.ts';
import { cellName, type SharedSettings } from './cell-names.ts';
import { conclude } from './conclusion.ts';
import {
  anchor,
  badge,
  clip,
  copyButton,
  GLYPH,
  STATE,
  STATES,
  seconds,
  stateToken,
} from './elements.ts';
import { nextRow } from './next-row.ts';
import { notVerifiedLines } from './not-verified.ts';

const CAUSES_MAX = 5;
const NAMED_MAX = 3;
const REASON_CHARACTERS = 220;
const NOT_VERIFIED_MAX = 6;

export function firstScreen(model: ReportModel, shared: SharedSettings): string {
  const { validity, title, sentences } = conclude(model);
  return `<header class="${validity}">
<p class="kicker">Assay readiness report</p>
<h1>${GLYPH[validity]} ${text(title)}</h1>
<p class="headline">${text(sentences.join(' '))}</p>
${counts(model)}
<p class="note">${text(model.run.name)}: ${text(model.run.doc)}. A cell is one scenario run on one target, with its settings and, in some, a planted bug.</p>
${facts(model)}
</header>
${failures(model, shared)}
<div class="columns">
${notVerified(model)}
${evidence(model)}
</div>`;
}

function counts({ records }: ReportModel): string {
  const items = STATES.map((validity) => {
    const count = records.filter((record) => record.validity === validity).length;
    if (count === 0 && validity !== 'valid') return '';
    const words = `${count.toLocaleString('en-US')} ${STATE[validity]}`;
    return `<li><a href="#q=s:${stateToken(validity)}">${badge(validity, words)}</a></li>`;
  });
  return `<ul class="counts" aria-label="Cells by outcome; each shows only those cells">${items.join('')}</ul>`;
}

function facts({ run, targets }: ReportModel): string {
  const facts = [
    ['target', targets.join(', ')],
    ['commit', run.commit],
    ['seed', String(run.seed)],
    ['duration', seconds(run.durationMs)],
    ['started', run.startedAt.slice(0, 16).replace('T', ' ')],
  ];
  const items = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${text(value)}</dd></div>`);
  return `<dl class="facts">${items.join('')}</dl>`;
}

function failures(model: ReportModel, shared: SharedSettings): string {
  const causes = causesOf(model.failures);
  if (causes.length === 0) return '';
  const rest = causes.slice(CAUSES_MAX);
  const cells = rest.reduce((sum, { records }) => sum + records.length, 0);
  const more =
    rest.length === 0
      ? ''
      : `<li>${rest.length} more causes, ${cells} cells: <a href="#cells">all cells, worst first</a></li>`;
  const lines = causes.slice(0, CAUSES_MAX).map((cause) => causeLine(cause, shared));
  return `<section id="failures"><h2>What failed or stayed undecided, by cause</h2><ul class="failures">${lines.join('\n')}${more}</ul></section>`;
}

function causeLine({ first, records, reason }: Cause, shared: SharedSettings): string {
  const names = records.slice(0, NAMED_MAX).map((record) => {
    const { mutant } = record.cell;
    const { short } = cellName(record, shared);
    return `<a href="#${anchor(record)}">${text(mutant === undefined ? short : `planted bug ${mutant}`)}</a>`;
  });
  const others = records.length - names.length;
  if (others > 0) names.push(`${others} more`);
  const copy = copyButton(first.replay, cellName(first, shared).short);
  return `<li class="${first.validity}">${badge(first.validity)} <strong>${names.join(', ')}</strong>: ${text(clip(reason, REASON_CHARACTERS))} ${copy}</li>`;
}

function notVerified(model: ReportModel): string {
  const lines = notVerifiedLines(model).map((line) => `<li>${text(line)}</li>`);
  const rest = lines.splice(NOT_VERIFIED_MAX);
  const more =
    rest.length === 0
      ? ''
      : `<details><summary>${rest.length} more</summary><ul>${rest.join('')}</ul></details>`;
  const list = lines.length === 0 ? '<p>No cell names anything.</p>' : `<ul>${lines.join('')}</ul>`;
  return `<section id="not-verified"><h2>What was not verified</h2>${list}${more}</section>`;
}

function evidence(model: ReportModel): string {
  const { bugs, bugsCaught, tiles } = model;
  const caught =
    bugs.length === 0
      ? 'No bug was planted in this run, so it does not show that its checks can fail.'
      : `<a href="#planted-bugs">${bugsCaught} of ${bugs.length} planted bugs caught</a>: ${bugsCaught === bugs.length ? 'each check that was tried can fail' : 'a check that misses its bug proves nothing'}.`;
  const items = tiles.map(
    ({ name, value }) => `<li><strong>${text(value)}</strong> ${text(name)}</li>`,
  );
  const next = nextRow(model.checklists);
  const row =
    next === undefined
      ? ''
      : `<p>Next unmet <a href="#readiness">readiness</a> row: <strong>${text(next.claim)}</strong> ${text(next.why)}</p>`;
  return `<section id="evidence"><h2>What it rests on</h2><p>${caught}</p><ul class="tiles">${items.join('')}</ul>${row}</section>`;
}
