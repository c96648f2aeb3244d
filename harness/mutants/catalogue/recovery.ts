/** Recovery, checksums and verify. */
import type { Mutant } from '../mutant.ts';

/** Many segments, so that a gap lies between two of them. */
const SMALL = {
  segmentBytes: 4096,
  blockBytes: 1024,
  cacheBytes: 65536,
  fanIn: 3,
  durability: 'none',
};

export const RECOVERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'ignore-crc-on-replay',
    area: 'recovery',
    doc: 'a log frame is replayed although its checksum does not match',
    file: 'engine/wal/log-reader.ts',
    find: '    if (sum !== this.#words[word]) return undefined;\n',
    replace: '',
    scenario: 'power-loss-set',
  },
  {
    name: 'drop-last-record-of-batch',
    area: 'recovery',
    doc: 'replay omits the last record of a multi-record commit',
    file: 'engine/checkpoint/replay.ts',
    find: 'count: frame.entries }',
    replace: 'count: Math.max(1, frame.entries - 1) }',
    scenario: 'power-loss-set',
  },
  {
    name: 'replay-past-a-gap',
    area: 'recovery',
    doc: 'replay continues past a break in the chain of log frames',
    file: 'engine/checkpoint/read-log.ts',
    find: '      if (!follows)\n        torn ??=',
    replace: '      if (!follows && frame.lsn < 0)\n        torn ??=',
    scenario: 'power-loss-prefix',
    settings: SMALL,
  },
  {
    name: 'replay-record-twice',
    area: 'recovery',
    doc: 'replay applies the first commit of the log again, after the last',
    file: 'engine/checkpoint/replay.ts',
    find: '  const last = segments.at(-1);\n',
    replace: `  const last = segments.at(-1);
  const firstOf = sources.find((source) => source.frames.some((frame) => frame.entries > 0));
  if (last !== undefined && firstOf !== undefined) {
    const frame = firstOf.frames.find(({ entries }) => entries > 0)!;
    const again = payloadOf(firstOf.bytes, frame);
    const fields = { lsn: lastLsn + 1, previousLsn, durableLsn: lastLsn, wallMs: 0 };
    if (last.hasRoom(again.byteLength)) last.appendCommit(again, fields);
  }
`,
    scenario: 'power-loss-bank',
  },
  {
    name: 'skip-block-checksum',
    area: 'recovery',
    doc: 'a damaged block of a run is served without an error',
    file: 'engine/run/block.ts',
    find: '  if (view.getUint32(0, true) !== crc) return',
    replace: '  if (view.getUint32(0, true) !== crc && bytes.length < 0) return',
    scenario: 'damaged-files',
  },
  {
    name: 'verify-skips-runs',
    area: 'recovery',
    doc: 'verify checks the log only',
    file: 'engine/verify/verify.ts',
    find: '  yield* verifyRuns(disk, directory, state, problems, counts);\n',
    replace: '',
    scenario: 'damaged-files',
  },
  {
    name: 'damage-taken-for-a-tear',
    area: 'recovery',
    doc: 'a damaged log is truncated at the damage without an error',
    file: 'engine/checkpoint/read-log.ts',
    find: '  if (lastLsn < durable) {\n',
    replace: '  if (lastLsn < 0) {\n',
    scenario: 'damaged-files',
  },
  {
    name: 'short-segment-passes',
    area: 'recovery',
    doc: 'a truncated log segment is accepted as complete',
    file: 'engine/wal/log-format.ts',
    find: '  if (bytes.length < size) {\n',
    replace: '  if (bytes.length < 0) {\n',
    scenario: 'damaged-files',
  },
  {
    name: 'second-crash-replays-nothing',
    area: 'recovery',
    doc: 'recovery switches to its new segments before they hold the replayed commits',
    file: 'engine/checkpoint/recovery.ts',
    find: 'copyFrames(log.segments, state.flushedLsn,',
    replace: 'copyFrames([], state.flushedLsn,',
    scenario: 'explore-short',
  },
  {
    name: 'recovery-reuses-what-it-replays',
    area: 'recovery',
    doc: 'log files under replay are overwritten before the manifest stops naming them',
    file: 'engine/checkpoint/recovery.ts',
    find: '  const pool = new SegmentPool(disk, identity, state.spares);\n',
    replace:
      '  const pool = new SegmentPool(disk, identity, [...state.spares, ...state.segments.map((id) => id.number)]);\n',
    scenario: 'explore-short',
  },
  {
    name: 'repair-keeps-the-damage',
    area: 'recovery',
    doc: 'a repair does not remove the log behind the damage',
    file: 'engine/verify/repair-log.ts',
    find: '      bytes.fill(0, end);\n',
    replace: '',
    scenario: 'repaired-files',
  },
  {
    name: 'repair-hides-what-is-lost',
    area: 'recovery',
    doc: 'a repair does not report that records of a run are lost',
    file: 'engine/verify/salvage-run.ts',
    find: '  const lost = meta.records - writer.records;\n',
    replace: '  const lost = 0;\n',
    scenario: 'repaired-files',
  },
  {
    name: 'repair-keeps-merged-runs',
    area: 'recovery',
    doc: 'a rebuilt manifest names both the inputs of a merge and its output',
    file: 'engine/verify/rebuild-manifest.ts',
    find: '    if (run.minLsn > (runs.at(-1)?.maxLsn ?? 0)) runs.push(run);\n',
    replace: '    runs.push(run);\n',
    scenario: 'repaired-files',
  },
  {
    name: 'left-files-taken-as-synced',
    area: 'recovery',
    doc: 'a log file left by a process whose sync failed is reused without being zeroed again',
    file: 'engine/checkpoint/recovery.ts',
    find: '  pool.adoptUnsure(unnamed',
    replace: '  pool.adopt(unnamed',
    scenario: 'fail-nth',
  },
  {
    name: 'recovery-reads-for-ever',
    area: 'recovery',
    doc: 'recovery rereads the first part of a log file repeatedly',
    file: 'engine/checkpoint/read-log.ts',
    find: '      start -= READ_BYTES;\n',
    replace: '      start -= size < READ_BYTES ? 0 : READ_BYTES;\n',
    scenario: 'same-as-a-map',
  },
];
