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
    find: '    if (!dataOnly) return true;\n',
    replace: '    if (!dataOnly || inode.links > 0) return true;\n',
  },
  {
    name: 'failed-sync-can-be-retried',
    doc: 'data whose sync failed stays dirty, and the next sync keeps it',
    file: `${FOLDER}/volatile/volatile-fs.ts`,
    find: "      if (change.kind !== 'data' || change.inode !== inode) return false;\n",
    replace: "      if (change.kind !== 'data' || change.sequence > 0) return false;\n",
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
];

export const POWER_LOSS_MUTANTS: readonly Mutant[] = EDITS.map((edit) => ({
  ...edit,
  area: 'harness',
  scenario: 'self-check',
}));
