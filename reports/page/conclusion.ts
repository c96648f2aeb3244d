/**
 * The conclusion at the top of the page: whether the target is reliable as far as this run tested it. A
 * run shows that only if a claim was checked, and nothing was left out, failed or remained undecided.
 */
import type { PowerCutRun } from '../../harness/contract/power-cut-record.ts';
import type { RunRecord } from '../../harness/contract/run-record.ts';
import type { Validity } from '../../harness/contract/verdict.ts';
import { apiHeadline, apiValidity } from '../api-coverage.ts';
import { type ReportModel, targetOf } from '../model.ts';
import { powerCutHeadline, powerLossNotTested } from '../power-cut-text.ts';

export interface Conclusion {
  /** Its colour and glyph. */
  readonly validity: Validity;
  readonly title: string;
  /** Why, one sentence each. */
  readonly sentences: readonly string[];
}

export function conclude(model: ReportModel): Conclusion {
  const { records, run, validity } = model;
  const count = (wanted: Validity) => records.filter((record) => record.validity === wanted).length;
  const total = records.length.toLocaleString('en-US');
  const sentences = besides(model);
  if (validity === 'invalid') {
    const failed = count('invalid');
    if (failed > 0) sentences.unshift(`${failed} of ${total} cells failed: a claim is violated.`);
    return { validity, title: 'NOT READY', sentences };
  }
  const unknown = count('unknown');
  const notRun = count('unsupported');
  const complete = validity === 'valid' && notRun === 0 && model.powerCuts.every(isComplete);
  const claims = records.filter(isHeldClaim).length + model.powerCuts.length;
  if (complete && claims > 0) {
    sentences.unshift(`Every claim that this run checks holds: ${cells(records.length)} passed.`);
    sentences.push(...knownFaults(records));
    return { validity, title: `READY FOR ${run.name}`, sentences };
  }
  if (complete && model.bugs.length > 0) {
    sentences.unshift('This run shows that the checks catch planted bugs. It claims nothing more.');
    return { validity, title: 'PLANTED BUGS CAUGHT', sentences };
  }
  if (claims === 0) sentences.unshift('No claim was checked to its end.');
  else sentences.unshift(`${cells(claims)} passed; that is all this run proves.`);
  if (notRun > 0) sentences.unshift(`${notRun} of ${total} cells could not be run here.`);
  if (unknown > 0) sentences.unshift(`${unknown} of ${total} cells ended without a verdict.`);
  return { validity: 'unknown', title: 'NOT PROVEN', sentences };
}

/** A target is not ready for what it is known to get wrong: the page's first lines name it. */
function knownFaults(records: readonly RunRecord[]): string[] {
  const found = records.flatMap((record) => {
    const { cell, expect, verdict } = record;
    if (cell.mutant !== undefined || typeof expect === 'string') return [];
    const kinds = expect.mustFind.filter((kind) => verdict.kinds?.includes(kind));
    if (kinds.length === 0) return [];
    return [`${kinds.join(', ')} (${cell.scenario} on ${targetOf(record)})`];
  });
  if (found.length === 0) return [];
  return [`Known faults that had to show, and did: ${found.join('; ')}.`];
}

/** Must-find anomalies count: finding them is the claim. */
function isHeldClaim({ cell, expect, validity }: RunRecord): boolean {
  return cell.mutant === undefined && expect !== 'may-find' && validity === 'valid';
}

/** Power cuts, and the interface's calls, have a verdict beside the cells. */
function besides({ records, powerCuts, apiCoverage }: ReportModel): string[] {
  const sentences = [
    ...powerLossNotTested(records).map((words) => `${words.replace(/^p/, 'P')}.`),
    ...powerCuts
      .filter((cuts) => !isComplete(cuts))
      .map((cuts) => `Power cuts: ${powerCutHeadline(cuts)}.`),
  ];
  if (apiCoverage !== undefined && apiValidity(apiCoverage) !== 'valid') {
    sentences.push(`Interface: ${apiHeadline(apiCoverage)}.`);
  }
  return sentences;
}

function isComplete({ rows }: PowerCutRun): boolean {
  return rows.every(({ outcome }) => outcome === 'as expected');
}

function cells(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
}
