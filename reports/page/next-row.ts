/** The row of the readiness checklists to meet next: one that fails, else of the area nearest to full. */
import type { JudgedArea, JudgedChecklist, JudgedRow } from '../readiness.ts';

export interface NextRow {
  readonly claim: string;
  /** Whose row it is, how it stands, and what its area has. */
  readonly why: string;
}

const STATUS: Readonly<Record<JudgedRow['status'], string>> = {
  proven: 'is proven',
  failed: 'is failed, by this run or by a saved run of the same sources',
  stale: 'was shown for other sources only',
  bound: 'has evidence that this run did not produce',
  waived: 'is waived',
  open: 'has no scenario yet that shows it',
};

export function nextRow(checklists: readonly JudgedChecklist[]): NextRow | undefined {
  const unmet = checklists.flatMap(({ system, areas, rows }) =>
    rows
      .filter(({ status }) => status !== 'proven' && status !== 'waived')
      .map((judged) => ({ system, judged, area: areaOf(areas, judged) })),
  );
  const failed = unmet.filter(({ judged }) => judged.status === 'failed');
  const share = ({ area }: { area: JudgedArea }) => area.proven / area.rows;
  const [next] = (failed.length > 0 ? failed : unmet).toSorted((a, b) => share(b) - share(a));
  if (next === undefined) return undefined;
  const { system, judged, area } = next;
  const have = `${area.proven} of ${area.rows} rows of its area, ${area.area}, are proven`;
  return {
    claim: judged.row.claim,
    why: `(${judged.row.id}) of the checklist ${system} ${STATUS[judged.status]}; ${have}.`,
  };
}

function areaOf(areas: readonly JudgedArea[], { row }: JudgedRow): JudgedArea {
  return areas.find(({ area }) => area === row.area)!;
}
