/** The file system that loses power: kinder or crueller than a real one. Caught by the self-check. */
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
    doc: 'a sync is called done, and its changes stay pending',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: 'change.sequence <= upTo && isChosen(change)',
    replace: 'change.sequence < 0 && isChosen(change)',
  },
  {
    name: 'sync-keeps-later-writes',
    doc: 'a sync keeps what was written while it ran',
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
    doc: 'the power goes one step after the one that was named',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    return --armed.left === 0;\n',
    replace: '    return --armed.left === -1;\n',
  },
  {
    name: 'cut-spares-its-step',
    doc: 'of the step that is cut nothing can be kept',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    const isCut = this.#count(kind);\n',
    replace: '    const isCut = this.#count(kind);\n    if (isCut) this.#lose();\n',
  },
  {
    name: 'fault-strikes-twice',
    doc: 'a fault that is to strike once strikes the next call too',
    file: `${FOLDER}/disk-faults.ts`,
    find: 'this.#calls === this.#at :',
    replace: 'this.#calls - this.#at >>> 1 === 0 :',
  },
  {
    name: 'lost-truncate-is-there',
    doc: 'a truncate is on the medium before any sync',
    file: `${FOLDER}/volatile/crash-state.ts`,
    find: '    if (plan.keepsMetadata(change)) {\n',
    replace: "    if (change.kind === 'size' || plan.keepsMetadata(change)) {\n",
  },
  {
    name: 'rename-in-two',
    doc: 'a rename takes the old name away and gives the new one in two steps',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: "    this.#change({ kind: 'entries', entries, ...how });\n",
    replace:
      "    for (const entry of entries) this.#change({ kind: 'entries', entries: [{ ...entry }], ...how });\n    if (entries.length > 1) this.#change({ kind: 'entries', entries: [] });\n",
  },
  {
    name: 'hard-link-copies',
    doc: 'a hard link is a file of its own',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: '    this.#enter(directory, name, inode, {});\n',
    replace:
      "    this.#enter(directory, name, this.makeNameless({ kind: 'file', mode: 0o644, owner: inode.now.attributes }), {});\n",
  },
  {
    name: 'entries-in-any-order',
    doc: 'a journal keeps later entries without earlier ones',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: "    model.metadata === 'prefix'\n",
    replace: "    model.metadata === 'any'\n",
  },
  {
    name: 'prefixes-are-short',
    doc: 'a cut never keeps all entries',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: 'random.below(metadata.length + 1)',
    replace: 'random.below(Math.max(1, metadata.length))',
  },
  {
    name: 'versions-between-are-forgotten',
    doc: 'a page comes back as it was at first or at last, never as it was in between',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: ': stream.between(1, count);',
    replace: ': count;',
  },
  {
    name: 'copy-on-write-tears',
    doc: 'pages are torn where they are never written in place',
    file: `${FOLDER}/volatile/cut-plan.ts`,
    find: "drawn === 'sector' && !model.tearsPages ?",
    replace: "drawn === 'sector' && model.name === '' ?",
  },
  {
    name: 'size-comes-before-data',
    doc: 'on ext4 a file grows before its data is there',
    file: `${FOLDER}/volatile/crash-state.ts`,
    find: '    if (isInPlace || state.sizeWithoutData) {\n',
    replace: "    if (isInPlace || state.sizeWithoutData || inode.kind === 'file') {\n",
  },
  {
    name: 'audit-counts-removed-files',
    doc: 'a token in a file that no name leads to counts as durable',
    file: `${FOLDER}/volatile/audit.ts`,
    find: '      if (!reachable.has(inode)) continue;\n',
    replace: '',
  },
  {
    name: 'sync-keeps-other-directories',
    doc: "a directory's sync keeps the entries of all directories, where only its own are kept",
    file: `${FOLDER}/volatile/models.ts`,
    find: '  const isEntry = entriesIn(sync.inode);\n',
    replace: "  const isEntry = (change: Pending) => change.kind === 'entries';\n",
  },
  {
    name: 'synced-hole-comes-back',
    doc: 'a hole that was punched and synced has its old bytes after the cut',
    file: `${FOLDER}/volatile/pending-log.ts`,
    find: '      versionOf(change.inode).content.punch(change.offset, change.length);\n',
    replace:
      '      if (versionOf(change.inode) === change.inode.now) change.inode.now.content.punch(change.offset, change.length);\n',
  },
  {
    name: 'truncate-comes-late',
    doc: 'a rename takes the data of a file along, and its truncate comes later',
    file: `${FOLDER}/volatile/models.ts`,
    find: "    change.kind !== 'entries' &&\n    change.kind !== 'attributes' &&\n    change.sequence <",
    replace: "    change.kind === 'data' &&\n    change.sequence <",
  },
  {
    name: 'synced-name-goes-again',
    doc: 'the removal of an older file of the same name takes a file that was synced since',
    file: `${FOLDER}/volatile/pending-log.ts`,
    find: '      if (!isSettled && !isChosen(change)) continue;\n',
    replace: '      if (!isChosen(change)) continue;\n',
  },
  {
    name: 'write-after-the-cut',
    doc: 'a write that comes after the cut is done, and acknowledged',
    file: `${FOLDER}/powered-fs.ts`,
    find: "    if (!this.#isOn) throw new FsError('EIO');\n    return this.#fs;\n",
    replace: '    return this.#fs;\n',
  },
  {
    name: 'syncfs-keeps-nothing',
    doc: 'a sync of the whole file system is called done, and keeps nothing',
    file: `${FOLDER}/powered-fs.ts`,
    find: '        if (what === undefined) fs.syncAll(upTo);\n',
    replace: '        if (what === undefined) fs.syncAll(0);\n',
  },
  {
    name: 'recovery-is-never-cut',
    doc: 'a cut that is armed after power came back never comes',
    file: `${FOLDER}/powered-fs.ts`,
    find: '    if (armed === undefined || (armed.of',
    replace: '    if (armed === undefined || this.#image !== undefined || (armed.of',
  },
  {
    name: 'second-cut-is-the-first',
    doc: 'after a cut of the recovery come the states of the cut before it',
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
