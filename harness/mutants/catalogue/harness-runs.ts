/** Planted bugs in resumed, divided and merged runs: cells that are lost, repeated, or taken from another run. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_RUN_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'resume-runs-finished-cells-again',
    doc: 'a resumed run repeats finished cells',
    file: 'harness/cells/run-cells.ts',
    find: '  const left = cells.filter(({ id }) => !lanes.records.has(id));\n',
    replace: "  const left = cells.filter(({ id }) => id !== '');\n",
  },
  {
    ...base,
    name: 'resume-forgets-finished-cells',
    doc: 'a resumed run omits finished cells from its report',
    file: 'harness/cells/run-cells.ts',
    find: '  for (const [id, record] of options.finished ?? []) lanes.records.set(id, record);\n  const isAlone = (cell: Cell) => ALONE.includes(lanes.scenarioOf(cell).plan.kind);\n  const left = cells.filter(({ id }) => !lanes.records.has(id));\n',
    replace:
      '  const isAlone = (cell: Cell) => ALONE.includes(lanes.scenarioOf(cell).plan.kind);\n  const left = cells.filter(({ id }) => options.finished?.has(id) !== true);\n',
  },
  {
    ...base,
    name: 'cut-line-takes-the-next',
    doc: 'after a kill in the middle of a journal line, the next finished cell is lost',
    file: 'harness/cells/run-journal.ts',
    find: '`\\n${JSON.stringify(id)}`',
    replace: '`${JSON.stringify(id)}\\n`',
  },
  {
    ...base,
    name: 'shards-lose-a-cell',
    doc: 'the first cell of a run is assigned to no shard',
    file: 'harness/matrix/shards.ts',
    find: '    for (const { id } of members) shardOf.set(id, lightest);\n',
    replace:
      '    for (const { id } of members) if (id !== cells[0]?.id) shardOf.set(id, lightest);\n',
  },
  {
    ...base,
    name: 'bug-without-its-control',
    doc: 'a planted bug and its control may be assigned to different shards',
    file: 'harness/matrix/shards.ts',
    find: 'Map.groupBy(cells, groupKey)',
    replace: 'Map.groupBy(cells, (cell) => cell.id + groupKey(cell))',
  },
  {
    ...base,
    name: 'merge-mixes-sources',
    doc: 'shards of different source trees are merged',
    file: 'harness/matrix/shard-parts.ts',
    find: '    if (manifest.tree !== first.manifest.tree) {\n',
    replace: "    if (manifest.tree === '') {\n",
  },
  {
    ...base,
    name: 'merge-mixes-runs',
    doc: 'shards of runs with different seeds or cells are merged',
    file: 'harness/matrix/shard-parts.ts',
    find: ' || planText(manifest) !== planText(first.manifest)',
    replace: " || planText(manifest) === ''",
  },
  {
    ...base,
    name: 'merge-does-without',
    doc: 'a run is merged although a shard is missing',
    file: 'harness/matrix/shard-parts.ts',
    find: '  if (missing.length === 0) return;\n',
    replace: '  if (missing.length < of) return;\n',
  },
  {
    ...base,
    name: 'merge-counts-twice',
    doc: 'a shard that is given twice is merged twice',
    file: 'harness/matrix/shard-parts.ts',
    find: '    if (same.length === 1) continue;\n',
    replace: '    if (same.length > 0) continue;\n',
  },
];
