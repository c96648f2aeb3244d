/** Planted bugs, a line each: what caught it, how, and the smallest run that does. Missed ones first. */
import type { MutantOutcome, RunRecord } from '../../harness/contract/run-record.ts';
import { escapeText as text } from '../escape.ts';
import type { ReportModel } from '../model.ts';
import { anchor, badge, clip, drawer, htmlTable, seconds } from './elements.ts';

const HEAD = ['bug', 'outcome', 'scenario', 'seeds', 'time', 'how it showed'];

const REASON_CHARACTERS = 110;

export function plantedBugs({ bugs, bugsCaught }: ReportModel): string {
  const missed = (record: RunRecord) => (record.mutant?.outcome === 'caught' ? 1 : 0);
  const rows = bugs.toSorted((a, b) => missed(a) - missed(b)).map(row);
  const title = `Planted bugs caught: ${bugsCaught} of ${bugs.length}`;
  const table = htmlTable('Planted bugs', HEAD, rows);
  return drawer('planted-bugs', title, 'what each check was shown to find', table);
}

function row(record: RunRecord): string[] {
  const { cell, mutant, validity, durationMs, verdict } = record;
  const outcome = (mutant?.outcome ?? '').replaceAll('-', ' ').replace('survived', 'not caught');
  const [reason = ''] = verdict.reasons;
  return [
    `<a href="#${anchor(record)}">${text(mutant?.name ?? '')}</a>`,
    badge(validity, outcome),
    text(cell.scenario),
    text(mutant?.seeds ?? ''),
    seconds(durationMs),
    text(clip(reason, REASON_CHARACTERS)) + shrunkTo(mutant?.shrunk),
  ];
}

function shrunkTo(shrunk: MutantOutcome['shrunk']): string {
  if (shrunk === undefined) return '';
  return `<details><summary>Shrunk to ${text(shrunk.to)}</summary><pre>${text(shrunk.replay)}</pre></details>`;
}
