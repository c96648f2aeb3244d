/** Flushes and merges: which versions are kept, and which files. */
import type { Mutant } from '../mutant.ts';

/** Runs of many blocks: what is handed over takes many steps. */
const MANY_BLOCKS = { segmentBytes: 16_384, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 };

export const COMPACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'compaction-drops-live-version',
    area: 'compaction',
    doc: 'a version that an open snapshot still sees is dropped because a newer one exists',
    file: 'engine/compaction/version-filter.ts',
    find: '    if (record.lsn > this.#safePoint) return true;\n',
    replace: `    if (record.lsn > this.#safePoint) {
      this.#settled = true;
      return true;
    }
`,
    scenario: 'upkeep',
  },
  {
    name: 'safe-point-ignores-snapshots',
    area: 'compaction',
    doc: 'versions are reclaimed that an open snapshot still sees',
    file: 'engine/mvcc/safe-point.ts',
    find: '    const edges = [visibleLsn, this.oldestSnapshot ?? visibleLsn];\n',
    replace: '    const edges = [visibleLsn];\n',
    scenario: 'upkeep',
  },
  {
    name: 'tombstone-dropped-early',
    area: 'compaction',
    doc: 'a tombstone goes although an older run still has the key',
    file: 'engine/compaction/version-filter.ts',
    find: '    return !(record.isTombstone && this.#bottom);\n',
    replace: '    return !record.isTombstone;\n',
    scenario: 'explore-short',
  },
  {
    name: 'every-merge-is-the-last',
    area: 'compaction',
    doc: 'a merge takes itself for the oldest, and drops tombstones that are needed',
    file: 'engine/compaction/merging.ts',
    find: '      ...this.#outputs.next(pick.tier, pick.start === 0),\n',
    replace: '      ...this.#outputs.next(pick.tier, true),\n',
    scenario: 'same-as-a-map',
    settings: { fanIn: 2 },
  },
  {
    name: 'merge-loses-a-record',
    area: 'compaction',
    doc: 'a merge or flush leaves out one record in 17',
    file: 'engine/compaction/task.ts',
    find: '      if (filter.keeps(cursor)) writer.add(cursor);\n',
    replace: '      if (filter.keeps(cursor) && seen % 17 !== 0) writer.add(cursor);\n',
    scenario: 'power-loss-set',
  },
  {
    name: 'run-removed-under-reader',
    area: 'compaction',
    doc: 'a merged run is removed while a range still reads it',
    file: 'engine/run/run-reader.ts',
    find: '    if (!this.#obsolete || this.#holders > 0) return;\n',
    replace: '    if (!this.#obsolete) return;\n',
    scenario: 'upkeep',
  },
  {
    name: 'handover-reads-oldest-first',
    area: 'compaction',
    doc: 'while a merge is handed over, the oldest of its inputs answers for the newest',
    file: 'engine/run/handover.ts',
    find: '    this.#inputs = [...inputs].reverse();\n',
    replace: '    this.#inputs = inputs;\n',
    scenario: 'storm-append',
    settings: MANY_BLOCKS,
  },
  {
    name: 'retention-ignored',
    area: 'compaction',
    doc: 'versions that are to be kept for a while are reclaimed at once',
    file: 'engine/mvcc/safe-point.ts',
    find: '    if (versions !== undefined) edges.push(commitsBefore(visibleLsn, versions, this.#gaps));\n',
    replace: '',
    scenario: 'same-as-a-map',
    settings: { retainVersions: 20 },
  },
  {
    name: 'past-is-never-too-old',
    area: 'compaction',
    doc: 'a snapshot of the past is opened although some of its versions may be gone',
    file: 'engine/database.ts',
    find: '    if (lsn < this.#safePoint.floor) {\n',
    replace: '    if (lsn < 0) {\n',
    scenario: 'same-as-a-map',
  },
  {
    name: 'tombstones-as-good-as-merged',
    area: 'compaction',
    doc: 'runs of tombstones are left beside others, so what a queue deleted stays on disk for ever',
    file: 'engine/run/run-writer.ts',
    find: 'if (order === 0 || record.isTombstone) this.#isPlain = false;',
    replace: 'if (order === 0) this.#isPlain = false;',
    scenario: 'upkeep',
  },
  {
    name: 'overlapping-runs-joined',
    area: 'compaction',
    doc: 'runs are read as one although one begins before the other ends',
    file: 'engine/run/run-span.ts',
    find: '  return next === undefined || last < next[0] ? low : undefined;',
    replace: '  return low;',
    scenario: 'same-as-a-map',
  },
  {
    name: 'range-ends-with-its-run',
    area: 'compaction',
    doc: 'a range over runs that are read as one stops at the end of the run that it began in',
    file: 'engine/run/joined-runs.ts',
    find: '    return this.#starts()[this.#runs.length]!;',
    replace: '    return this.#starts()[1]!;',
    scenario: 'same-as-a-map',
  },
];
