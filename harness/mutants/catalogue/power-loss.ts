/** The file system that loses power: it loses less or more than a real one. Self-check must catch each. */
import type { Mutant } from '../mutant.ts';

type Edit = Pick<Mutant, 'name' | 'doc' | 'file' | 'find' | 'replace'>;

const FOLDER = 'harness/real/power-loss';

const EDITS: readonly Edit[] = [
  {
    name: 'cut-keeps-what-was-not-synced',
    doc: 'a power cut that must keep nothing keeps everything',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: '      return uniformPlan(false);\n',
    replace: '      return uniformPlan(true);\n',
  },
  {
    name: 'sync-keeps-nothing',
    doc: 'a sync succeeds, but its changes stay pending',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: 'change.sequence <= upTo && isChosen(change)',
    replace: 'change.sequence < 0 && isChosen(change)',
  },
  {
    name: 'sync-keeps-later-writes',
    doc: 'a sync makes durable what was written while it ran',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: '    const changes = this.pending.changes.filter(({ sequence }) => sequence <= upTo);\n',
    replace: '    upTo = this.pending.sequence;\n    const changes = this.pending.changes;\n',
  },
  {
    name: 'fdatasync-commits-entries',
    doc: 'an fdatasync of a pure overwrite commits the whole journal',
    file: `${FOLDER}/volatile/models.ts`,
    find: 'concerns(change, inode) && (!dataOnly ||',
    replace: '(inode.links > 0 || concerns(change, inode)) && (!dataOnly || inode.links > 0 ||',
  },
  {
    name: 'failed-sync-can-be-retried',
    doc: 'data whose sync failed stays dirty, and the next sync keeps it',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: "      if (change.kind !== 'data' || (one !== undefined",
    replace: "      if (change.sequence > 0 || change.kind !== 'data' || (one !== undefined",
  },
  {
    name: 'cut-comes-late',
    doc: 'the power is cut one step after the given one',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    return --armed.left === 0;\n',
    replace: '    return --armed.left === -1;\n',
  },
  {
    name: 'cut-spares-its-step',
    doc: 'a power cut never keeps any part of the write it interrupts',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    const isCut = this.#count(kind);\n',
    replace: '    const isCut = this.#count(kind);\n    if (isCut) this.#lose();\n',
  },
  {
    name: 'fault-strikes-twice',
    doc: 'a one-time fault strikes the next call, too',
    file: `${FOLDER}/disk-faults.ts`,
    find: 'this.#calls === this.#at :',
    replace: 'this.#calls - this.#at >>> 1 === 0 :',
  },
  {
    name: 'lost-truncate-is-there',
    doc: 'a truncate is durable before any sync',
    file: `${FOLDER}/volatile/crash-state.ts`,
    find: '    if (plan.keepsMetadata(change)) {\n',
    replace: "    if (change.kind === 'size' || plan.keepsMetadata(change)) {\n",
  },
  {
    name: 'rename-in-two',
    doc: 'a rename is not atomic: the old name is removed and the new one added in two steps',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: "    this.#change({ kind: 'entries', entries, ...how });\n",
    replace:
      "    for (const entry of entries) this.#change({ kind: 'entries', entries: [{ ...entry }], ...how });\n    if (entries.length > 1) this.#change({ kind: 'entries', entries: [] });\n",
  },
  {
    name: 'hard-link-copies',
    doc: 'a hard link is a separate file',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: '    this.#enter(directory, name, inode, {});\n',
    replace:
      "    this.#enter(directory, name, this.makeNameless({ kind: 'file', mode: 0o644, owner: inode.now.attributes }), {});\n",
  },
  {
    name: 'entries-in-any-order',
    doc: 'a journalling file system keeps later journal entries without earlier ones',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: "    model.metadata === 'prefix'\n",
    replace: "    model.metadata === 'any'\n",
  },
  {
    name: 'prefixes-are-short',
    doc: 'a power cut never keeps all directory entries',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: 'random.below(metadata.length + 1)',
    replace: 'random.below(Math.max(1, metadata.length))',
  },
  {
    name: 'versions-between-are-forgotten',
    doc: 'a page holds its first or last content after a cut, never an intermediate one',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: ': stream.between(1, count);',
    replace: ': count;',
  },
  {
    name: 'copy-on-write-tears',
    doc: 'pages are torn on a copy-on-write file system, which never writes in place',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: "drawn === 'sector' && !model.tearsPages ?",
    replace: "drawn === 'sector' && model.name === '' ?",
  },
  {
    name: 'size-comes-before-data',
    doc: "ext4 makes a file's new size durable before its data",
    file: `${FOLDER}/volatile/crash-state.ts`,
    find: '    if (isInPlace || state.sizeWithoutData) {\n',
    replace: "    if (isInPlace || state.sizeWithoutData || inode.kind === 'file') {\n",
  },
  {
    name: 'audit-counts-removed-files',
    doc: 'bytes of an acknowledged write in a file without a durable name count as durable',
    file: `${FOLDER}/volatile/audit.ts`,
    find: '      if (!reachable.has(inode)) continue;\n',
    replace: '',
  },
  {
    name: 'sync-keeps-other-directories',
    doc: "a directory's sync makes the entries of all directories durable, not only its own",
    file: `${FOLDER}/volatile/models.ts`,
    find: '  const isEntry = entriesIn(sync.inode);\n',
    replace: "  const isEntry = (change: Pending) => change.kind === 'entries';\n",
  },
  {
    name: 'synced-hole-comes-back',
    doc: 'a hole that was punched and synced holds its old bytes after the cut',
    file: `${FOLDER}/volatile/pending-log.ts`,
    find: '      versionOf(change.inode).content.punch(change.offset, change.length);\n',
    replace:
      '      if (versionOf(change.inode) === change.inode.now) change.inode.now.content.punch(change.offset, change.length);\n',
  },
  {
    name: 'truncate-comes-late',
    doc: "a rename makes a file's data durable before its earlier truncate",
    file: `${FOLDER}/volatile/models.ts`,
    find: "    change.kind !== 'entries' &&\n    change.kind !== 'attributes' &&\n    change.sequence <",
    replace: "    change.kind === 'data' &&\n    change.sequence <",
  },
  {
    name: 'synced-name-goes-again',
    doc: 'the pending removal of an older file also removes a newer, synced file of the same name',
    file: `${FOLDER}/volatile/pending-log.ts`,
    find: '      if (!isSettled && !isChosen(change)) continue;\n',
    replace: '      if (!isChosen(change)) continue;\n',
  },
  {
    name: 'write-after-the-cut',
    doc: 'a write issued after the power cut succeeds',
    file: `${FOLDER}/powered-fs.ts`,
    find: "    if (!this.#isOn) throw new FsError('EIO');\n    return this.#fs;\n",
    replace: '    return this.#fs;\n',
  },
  {
    name: 'syncfs-keeps-nothing',
    doc: 'a sync of the whole file system succeeds, but makes nothing durable',
    file: `${FOLDER}/powered-fs.ts`,
    find: '        if (what === undefined) fs.syncAll(upTo);\n',
    replace: '        if (what === undefined) fs.syncAll(0);\n',
  },
  {
    name: 'recovery-is-never-cut',
    doc: 'a power cut that is armed after a restart never happens',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    if (armed === undefined || (armed.of',
    replace: '    if (armed === undefined || this.#image !== undefined || (armed.of',
  },
  {
    name: 'second-cut-is-the-first',
    doc: 'after a power cut during recovery, the states of the previous cut are tried',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    this.#image = this.#fs;\n',
    replace: '    this.#image ??= this.#fs;\n',
  },
  {
    name: 'mount-is-not-armed-again',
    doc: 'the mount is not told to cut the power while a database recovers, and the cut comes after it',
    file: `${FOLDER}/recovery-cut.ts`,
    find: '  await mount.arm({ at });\n',
    replace: '',
  },
  {
    name: 'whole-recovery-counts-as-cut',
    doc: 'a recovery that ended before the step of its cut counts as cut',
    file: `${FOLDER}/recovery-cut.ts`,
    find: '  return !isOn;\n',
    replace: '  return true;\n',
  },
];

export const POWER_LOSS_MUTANTS: readonly Mutant[] = EDITS.map((edit) => ({
  ...edit,
  area: 'harness',
  scenario: 'self-check',
}));
