/**
 * Failures by cause: cells of one target that fail in the same way share a line. The same way is
 * the same kinds of violation or, where a checker names none, the same first reason but for its
 * numbers and names.
 */
import type { RunRecord } from '../../harness/contract/run-record.ts';
import { targetOf } from '../model.ts';

export interface Cause {
  /** The record that stands for all: the first. */
  readonly first: RunRecord;
  readonly records: readonly RunRecord[];
  readonly reason: string;
}

/** Violations first, then what stayed undecided; each with the larger group first. */
export function causesOf(failures: readonly RunRecord[]): Cause[] {
  const groups = [...Map.groupBy(failures, keyOf).values()].map((records) => ({
    first: records[0]!,
    records,
    reason: reasonOf(records[0]!),
  }));
  const rank = ({ first }: Cause) => (first.validity === 'invalid' ? 0 : 1);
  return groups.sort((a, b) => rank(a) - rank(b) || b.records.length - a.records.length);
}

/** Why a cell did not pass, in one sentence. */
export function reasonOf({ mutant, verdict }: RunRecord): string {
  if (mutant !== undefined && MISSED[mutant.outcome] !== undefined) return MISSED[mutant.outcome]!;
  return verdict.reasons[0] ?? 'no reason was recorded';
}

const MISSED: Readonly<Record<string, string>> = {
  survived: 'no check found the planted bug',
  'not-exercised': 'the code with the planted bug was never loaded',
  'ran-out-of-time': 'the time limit ended the cell before the planted bug was found',
  'control-failed': 'the cell fails without the planted bug, too',
};

function keyOf(record: RunRecord): string {
  const { validity, verdict, mutant } = record;
  if (mutant !== undefined) return `${validity}\nbug\n${mutant.outcome}`;
  const kinds = [...(verdict.kinds ?? [])].sort();
  const words = kinds.length > 0 ? kinds.join(',') : reasonOf(record).replaceAll(VARIES, '#');
  return `${validity}\n${targetOf(record)}\n${words}`;
}

/** Numbers, quoted names and hashes. */
const VARIES = /"[^"]*"|'[^']*'|\b[\da-f]{8,}\b|\d[\d,.]*/g;
