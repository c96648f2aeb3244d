/** The planted bugs. Each must be caught by the scenario it names. */
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'skip-wal-sync',
    area: 'log',
    doc: 'the log is written and never synced; commits are acknowledged all the same',
    file: 'engine/wal/log.ts',
    find: '      await this.#disk.sync(segment.file, alone);\n',
    replace: '',
    scenario: 'power-loss-set',
  },
  {
    name: 'sync-without-write',
    area: 'log',
    doc: 'a commit is synced and acknowledged, but its bytes never left the process',
    file: 'engine/wal/log.ts',
    find: '      segment.writeOut(this.#disk);\n      const written',
    replace: '      const written',
    scenario: 'kill-loops-set',
    target: 'engine',
  },
  {
    name: 'skip-directory-sync',
    area: 'manifest',
    doc: 'the manifest is switched and its directory entry never synced',
    file: 'engine/manifest/manifest.ts',
    find: '  await disk.syncDirectory(directory);\n',
    replace: '',
    scenario: 'power-loss-set',
  },
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
    name: 'acknowledge-before-sync',
    area: 'log',
    doc: 'a commit is acknowledged when its sync begins, not when it is done',
    file: 'engine/wal/log.ts',
    find: '    return waiting;\n',
    replace: '    waiting.catch(() => undefined);\n    return Promise.resolve();\n',
    scenario: 'power-loss-set',
  },
  {
    name: 'drop-last-record-of-batch',
    area: 'recovery',
    doc: 'replay leaves out the last record of a commit of several',
    file: 'engine/checkpoint/replay.ts',
    find: 'count: frame.entries }',
    replace: 'count: Math.max(1, frame.entries - 1) }',
    scenario: 'power-loss-set',
  },
  {
    name: 'replay-past-a-gap',
    area: 'recovery',
    doc: 'replay goes on behind a place where the chain of log frames is broken',
    file: 'engine/checkpoint/recovery.ts',
    find: '      if (!follows)\n        torn ??=',
    replace: '      if (!follows && frame.lsn < 0)\n        torn ??=',
    scenario: 'power-loss-prefix',
    settings: { durability: 'none' },
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
    name: 'delete-wal-before-manifest-switch',
    area: 'manifest',
    doc: 'a flushed log segment is removed before the manifest names the run that replaces it',
    file: 'engine/compaction/maintenance.ts',
    find: '    await manifest.apply((state) => ({\n      runs: run === undefined',
    replace:
      '    env.disk.remove(segment.file.path);\n    await manifest.apply((state) => ({\n      runs: run === undefined',
    scenario: 'power-loss-set',
  },
  {
    name: 'forget-reverse-edge',
    area: 'graph',
    doc: 'adding an edge writes its outgoing record only',
    file: 'engine/stores/graph/graph-store.ts',
    find: "  transaction.put(edgeKey('in', edge), EMPTY);\n",
    replace: '',
    scenario: 'graph-churn-sim',
  },
  {
    name: 'skip-conflict-check',
    area: 'isolation',
    doc: 'the second of two transactions that write the same key commits over the first',
    file: 'engine/database.ts',
    find: '    this.#refuseConflicts(writes, snapshot);\n',
    replace: '',
    scenario: 'bank-isolation',
  },
  {
    name: 'read-past-snapshot',
    area: 'isolation',
    doc: 'a transaction reads the newest version instead of the one its snapshot shows',
    file: 'engine/database.ts',
    find: '    this.#lookup.begin(key, lsn);\n',
    replace: '    this.#lookup.begin(key, this.visibleTimestamp);\n',
    scenario: 'append-isolation',
  },
  {
    name: 'lagging-snapshot',
    area: 'isolation',
    doc: 'a snapshot does not show the last acknowledged commit',
    file: 'engine/database.ts',
    find: "this.settings.durability === 'sync' ? this.#log.durableLsn : this.#log.lastLsn",
    replace:
      "this.settings.durability === 'sync' ? Math.max(0, this.#log.durableLsn - 1) : this.#log.lastLsn",
    scenario: 'register-isolation',
  },
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
    scenario: 'bank-isolation',
  },
  {
    name: 'skip-block-checksum',
    area: 'recovery',
    doc: 'a damaged block of a run is read as if it were whole',
    file: 'engine/run/block.ts',
    find: '  if (view.getUint32(0, true) !== crc) return',
    replace: '  if (view.getUint32(0, true) !== crc && bytes.length < 0) return',
    scenario: 'damaged-files',
  },
  {
    name: 'skip-manifest-checksum',
    area: 'manifest',
    doc: 'a manifest is believed although its checksum does not match',
    file: 'engine/manifest/manifest-format.ts',
    find: '  if (!whole) throw corruption(path, 16, "the manifest\'s checksum does not match");\n',
    replace: '',
    scenario: 'damaged-files',
  },
  {
    name: 'forget-results',
    area: 'server',
    doc: 'a write that comes again is not recognised, and is applied again',
    file: 'engine/server/sessions.ts',
    find: '    if (this.#store.get(key) !== undefined) {',
    replace: '    if (this.#store.get(key) !== undefined && sequence < 0) {',
    scenario: 'resent-batches',
    target: 'engine-server',
    settings: { retry: true },
  },
  {
    name: 'result-beside-the-commit',
    area: 'server',
    doc: 'the record that a transaction was committed is not written with it',
    file: 'engine/server/operations.ts',
    find: '      markDone?.((key, value) => open.put(key, value));\n',
    replace: '',
    scenario: 'answers-lost',
    target: 'engine-server',
    settings: { retry: true },
  },
];
