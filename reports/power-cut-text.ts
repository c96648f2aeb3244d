/** Text and rows of a power-cut report, shared by HTML and Markdown. */
import {
  POWER_LOSS_NOT_TESTED,
  type PowerCutOutcome,
  type PowerCutRow,
  type PowerCutRun,
} from '../harness/contract/power-cut-record.ts';
import type { RunRecord } from '../harness/contract/run-record.ts';
import { type Validity, worst } from '../harness/contract/verdict.ts';

export const POWER_CUT_HEAD = ['system', 'configuration', 'expected', 'outcome', 'time', 'found'];

export const POWER_CUT_VALIDITY: Readonly<Record<PowerCutOutcome, Validity>> = {
  'as expected': 'valid',
  'not as expected': 'invalid',
  failed: 'unknown',
  unsupported: 'unsupported',
};

/** The worst of what could be tried; `unsupported` only when nothing could. */
export function powerCutValidity({ rows }: PowerCutRun): Validity {
  const all = rows.map(({ outcome }) => POWER_CUT_VALIDITY[outcome]);
  const tried = all.filter((validity) => validity !== 'unsupported');
  return worst(tried.length > 0 ? tried : all);
}

/** Describes faults other than the cut. */
export function powerCutFaults({ lyingDisk, fault }: PowerCutRun): string {
  const lies = lyingDisk ? ['the disk calls syncs done that are not'] : [];
  return [...lies, ...(fault === undefined ? [] : [fault])].join('; ') || 'nothing';
}

export function powerCutRow(row: PowerCutRow): string[] {
  const { system, configuration, expect, outcome, seconds } = row;
  return [system, configuration, expect, outcome, `${seconds.toFixed(1)} s`, foundWords(row)];
}

export function powerCutHeadline({ rows }: PowerCutRun): string {
  const withOutcome = (outcome: PowerCutOutcome) => rows.filter((row) => row.outcome === outcome);
  const count = (outcome: PowerCutOutcome) => withOutcome(outcome).length;
  if (rows.length > 0 && count('unsupported') === rows.length) {
    const why = [...new Set(rows.map(({ reason = '' }) => reason))].join(', ');
    return `${POWER_LOSS_NOT_TESTED}: ${why}`;
  }
  const expected = withOutcome('as expected');
  const losing = expected.filter(({ expect }) => expect === 'loses').length;
  const parts = [
    `${expected.length} of ${rows.length} configurations did as expected`,
    `${expected.length - losing} kept everything, ${losing} were caught losing`,
  ];
  const bad = withOutcome('not as expected');
  if (bad.length > 0) parts.push(`${bad.length} did not: ${bad.map(briefly).join(', ')}`);
  if (count('failed') > 0) parts.push(`${count('failed')} could not be run`);
  if (count('unsupported') > 0) parts.push(`${count('unsupported')} are unsupported here`);
  return parts.join('; ');
}

/** The system and what became of its acknowledged writes. */
function briefly({ system, configuration, figures }: PowerCutRow): string {
  const name = `${system} (${configuration})`;
  if (figures === undefined) return name;
  const { lost, broken, acknowledged } = figures;
  if (lost > 0) return `${name} LOSES ${lost} of ${acknowledged} acknowledged writes`;
  return broken.length > 0 ? `${name} cannot be read after a cut` : name;
}

/** Of cells whose machine can't cut the power: the words for the first line and the first screen. */
export function powerLossNotTested(records: readonly RunRecord[]): readonly string[] {
  const reasons = records.flatMap(({ validity, verdict }) =>
    validity === 'unsupported' ? verdict.reasons : [],
  );
  return [...new Set(reasons.filter((reason) => reason.startsWith(POWER_LOSS_NOT_TESTED)))];
}

export function powerCutFacts(run: PowerCutRun): readonly (readonly [string, string])[] {
  return [
    ['cuts of each configuration', `${run.cycles}, after up to ${run.records} writes`],
    ['file system', run.fs ?? 'ext4'],
    ['beside the cut', powerCutFaults(run)],
    ['seed', String(run.seed)],
    ['machine', run.machine],
    ['commit', run.commit],
    ['Node', run.node],
    ['began', run.startedAt],
    ['again', run.command],
  ];
}

function foundWords({ figures, reason = '' }: PowerCutRow): string {
  if (figures === undefined) return reason;
  const { acknowledged, lost, broken, early, audited, syncs, struck, refused, cuts, states } =
    figures;
  const unopened = figures.unopened ?? [];
  const seen = lost > 0 || broken.length > 0 ? 'LOSES' : 'KEEPS';
  // What one state lost another may have lost as well: each counts.
  const inStates = (states ?? 0) > 1 && lost > 0 ? ` in ${states} states` : '';
  const parts = [`${seen}: ${acknowledged} acknowledged, ${lost} lost${inStates}`];
  if (broken.length > 0) parts.push(`${broken.length} × broken: ${broken[0]}`);
  if (unopened.length > 0)
    parts.push(`${unopened.length} × not opened, none acknowledged yet: ${unopened[0]}`);
  if (struck > 0) parts.push(`${struck} calls struck, ${refused} writes refused`);
  parts.push(`${early} of ${audited} acknowledged before they were on the disk`, `${syncs} syncs`);
  if (cuts !== undefined) parts.push(`${cuts} cuts, ${states ?? cuts} states`);
  return parts.join('; ');
}
