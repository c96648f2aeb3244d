/**
 * Readiness checklists: rows of five systems, each open or bound to the scenarios that prove it
 * and to planted bugs that one of those scenarios catches. A row is proven by a run in which all its
 * scenarios are valid and at least one of its bugs was caught: a check that could not fail proves
 * nothing.
 */
import { z } from 'zod';
import type { RunRecord } from '../harness/contract/run-record.ts';

const row = z.strictObject({
  id: z.string(),
  area: z.string(),
  kind: z.enum(['engine', 'harness', 'ops']),
  claim: z.string(),
  bar: z.string().optional(),
  proof: z
    .strictObject({
      scenarios: z.array(z.string()).min(1),
      /** Planted bugs that make the scenarios fail. */
      bugs: z.array(z.string()).min(1),
    })
    .optional(),
});

export const checklistSchema = z.strictObject({ system: z.string(), rows: z.array(row) });

export type Checklist = z.infer<typeof checklistSchema>;
export type ChecklistRow = Checklist['rows'][number];
/** `bound`: this run did not show it, because its scenarios were not in it or did not hold. */
export type RowStatus = 'proven' | 'bound' | 'open';

export interface JudgedRow {
  readonly row: ChecklistRow;
  readonly status: RowStatus;
}

export interface JudgedChecklist {
  readonly system: string;
  readonly rows: readonly JudgedRow[];
}

export function judgeChecklists(
  checklists: readonly Checklist[],
  records: readonly RunRecord[],
): JudgedChecklist[] {
  const clean = records.filter((record) => record.cell.mutant === undefined);
  const caught = new Set(
    records.filter(({ mutant }) => mutant?.outcome === 'caught').map(({ mutant }) => mutant!.name),
  );
  const holds = (scenario: string) => {
    const cells = clean.filter(({ cell }) => cell.scenario === scenario);
    return cells.length > 0 && cells.every(({ validity }) => validity === 'valid');
  };
  const statusOf = ({ proof }: ChecklistRow): RowStatus => {
    if (proof === undefined) return 'open';
    const proven = proof.scenarios.every(holds) && proof.bugs.some((bug) => caught.has(bug));
    return proven ? 'proven' : 'bound';
  };
  return checklists.map(({ system, rows }) => ({
    system,
    rows: rows.map((one) => ({ row: one, status: statusOf(one) })),
  }));
}
