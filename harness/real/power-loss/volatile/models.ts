/**
 * Models of file systems: what each sync makes durable, and what a power cut may leave of the rest.
 * The promises and their sources stand in docs/file-systems.md.
 */
import type { Inode } from './inode.ts';
import { allocates, concerns, type Pending } from './pending-log.ts';

export interface SyncRequest {
  readonly inode: Inode;
  /** `fdatasync`: metadata that is not needed to read the data may stay behind. */
  readonly dataOnly: boolean;
  /** Whether an inode was synced, or made, since the whole tree was last committed. */
  isLogged(inode: Inode): boolean;
  isNew(inode: Inode): boolean;
}

export interface FileSystemModel {
  readonly name: string;
  readonly doc: string;
  /** Which pending changes are durable once the sync is done. */
  chosenBy(sync: SyncRequest, changes: readonly Pending[]): (change: Pending) => boolean;
  /** Of a file system with a log of single files: whether the sync commits the whole tree instead. */
  commitsTree?(sync: SyncRequest, changes: readonly Pending[]): boolean;
  /** Whether the sync of a new file keeps its entry too, without one of its directory. */
  readonly keepsNewEntries: boolean;
  /** Metadata that a cut keeps: changes up to some point (a journal), or any of them. */
  readonly metadata: 'prefix' | 'any';
  /** Whether a size may be there without the data (zeros in its place). */
  readonly sizeWithoutData: boolean;
  /** Whether a page that is overwritten may come back with old and new sectors. */
  readonly tearsPages: boolean;
  /** Whether a rename over a file takes the data of the new one with it. */
  readonly flushesOnReplace: boolean;
  /** Whether closing a file that was truncated takes its new data to the medium. */
  readonly flushesTruncatedOnClose: boolean;
}

/** Bytes and size of the inode itself and, unless only its data is synced, its attributes. */
const ownOf =
  ({ inode, dataOnly }: Pick<SyncRequest, 'inode' | 'dataOnly'>) =>
  (change: Pending) =>
    change.kind !== 'entries' &&
    change.inode === inode &&
    !(dataOnly && change.kind === 'attributes');

const entriesIn = (directory: Inode) => (change: Pending) =>
  change.kind === 'entries' && change.entries.some((entry) => entry.directory === directory);

/** Whether an fdatasync can't leave the change behind. */
function isNeededForData(change: Pending): boolean {
  switch (change.kind) {
    case 'data':
      return allocates(change);
    case 'entries':
      return change.creates !== undefined;
    case 'attributes':
      return false;
    default:
      return true;
  }
}

/** Ext4 (`i_datasync_tid`): what is needed to read the file's data. */
function isForDataOn(inode: Inode, change: Pending): boolean {
  if (change.kind !== 'entries') return isNeededForData(change);
  return change.creates === inode || inode.kind === 'directory';
}

/** Xfs (`ili_datasync_seq`): anything that changed in the inode, were it a mode or the number of names. */
function isOfInode(_: Inode, change: Pending): boolean {
  return change.kind !== 'data' || allocates(change);
}

/**
 * One journal for all metadata. A sync commits all of it, if it has anything of this inode to
 * commit; a pure overwrite that is followed by `fdatasync` has not. `isForData`: what an `fdatasync`
 * commits for.
 */
const journalled =
  (isForData: (inode: Inode, change: Pending) => boolean) =>
  (sync: SyncRequest, changes: readonly Pending[]) => {
    const isOwn = ownOf(sync);
    const { inode, dataOnly } = sync;
    const commits = changes.some(
      (change) => concerns(change, inode) && (!dataOnly || isForData(inode, change)),
    );
    if (!commits) return isOwn;
    const flushed = flushedBy(changes);
    return (change: Pending) => change.kind !== 'data' || isOwn(change) || flushed(change);
  };

/** Bytes and sizes that must reach the medium before the renames that are pending. */
function flushedBy(changes: readonly Pending[]): (change: Pending) => boolean {
  const flushed = new Map<Inode, number>();
  for (const change of changes) {
    if (change.kind === 'entries' && change.flushes !== undefined)
      flushed.set(change.flushes, change.sequence);
  }
  return (change) =>
    change.kind !== 'entries' &&
    change.kind !== 'attributes' &&
    change.sequence < (flushed.get(change.inode) ?? 0);
}

/** Only what POSIX promises: a file's sync keeps the file, a directory's its entries. */
function strict(sync: SyncRequest, changes: readonly Pending[]) {
  const isOwn = ownOf(sync);
  if (sync.inode.kind !== 'directory') return isOwn;
  const isEntry = entriesIn(sync.inode);
  const flushed = flushedBy(changes.filter(isEntry));
  return (change: Pending) => isOwn(change) || isEntry(change) || flushed(change);
}

/** Whether a name of the inode was taken away. */
function losesName({ inode }: SyncRequest, changes: readonly Pending[]): boolean {
  return changes.some(
    (change) =>
      change.kind === 'entries' &&
      change.entries.some((entry) => entry.before === inode && entry.inode !== inode),
  );
}

/**
 * Whether names went into the log when they changed, and are kept by the next sync of any file: new
 * names of an inode that is in the log, or came out of a directory that is; and the removal of a new one.
 */
function isInLog({ isLogged, isNew }: SyncRequest, change: Pending): boolean {
  if (change.kind !== 'entries' || change.creates !== undefined) return false;
  const { entries } = change;
  const [first] = entries;
  if (entries.length === 1 && first!.inode === undefined)
    return isLogged(first!.before!) && isNew(first!.before!);
  const leaves = (inode: Inode) =>
    entries.find((entry) => entry.before === inode && entry.inode !== inode)?.directory;
  return entries.some(({ inode }) => {
    if (inode === undefined) return false;
    const directory = leaves(inode);
    return isLogged(inode) || (directory !== undefined && isLogged(directory));
  });
}

/**
 * A log of what was synced since the last commit of the whole tree: the file, its names and the
 * directories that lead to it. Where a name of it was taken away, the whole tree is committed. The
 * data of a file that was renamed over another goes with such a commit, and not with a directory's sync.
 */
function treeLogged(sync: SyncRequest, changes: readonly Pending[]) {
  const { inode } = sync;
  // The inode is logged whole, with its mode and times, whichever sync it is.
  const isOwn = ownOf({ inode, dataOnly: false });
  const flushed = flushedBy(changes);
  if (losesName(sync, changes))
    return (change: Pending) => change.kind !== 'data' || isOwn(change) || flushed(change);
  const chosen = new Set<Pending>(
    changes.filter((change) => isOwn(change) || isInLog(sync, change)),
  );
  if (inode.kind === 'directory')
    for (const change of changes.filter(entriesIn(inode))) chosen.add(change);
  const leadTo = (target: Inode, seen: ReadonlySet<Inode>) => {
    for (const change of changes) {
      if (change.kind !== 'entries' || !change.entries.some((entry) => entry.inode === target))
        continue;
      chosen.add(change);
      for (const { directory } of change.entries)
        if (!seen.has(directory)) leadTo(directory, new Set([...seen, target]));
    }
  };
  leadTo(inode, new Set([inode]));
  return (change: Pending) => chosen.has(change);
}

const ordered = { metadata: 'prefix', sizeWithoutData: false, tearsPages: true } as const;

export const MODELS: readonly FileSystemModel[] = [
  {
    name: 'ext4',
    doc: 'data=ordered, auto_da_alloc, as mounted by default',
    chosenBy: journalled(isForDataOn),
    keepsNewEntries: true,
    ...ordered,
    flushesOnReplace: true,
    flushesTruncatedOnClose: true,
  },
  {
    name: 'ext4-strict',
    doc: "as ext4, but only a directory's own sync keeps its entries",
    chosenBy: strict,
    keepsNewEntries: false,
    ...ordered,
    flushesOnReplace: true,
    flushesTruncatedOnClose: true,
  },
  {
    name: 'xfs',
    doc: 'one log; a rename over a file does not take unsynced data with it',
    chosenBy: journalled(isOfInode),
    keepsNewEntries: true,
    ...ordered,
    flushesOnReplace: false,
    flushesTruncatedOnClose: true,
  },
  {
    name: 'btrfs',
    doc: 'copy on write: pages are never torn; a sync keeps the file and its names alone',
    chosenBy: treeLogged,
    commitsTree: losesName,
    keepsNewEntries: true,
    ...ordered,
    tearsPages: false,
    flushesOnReplace: true,
    flushesTruncatedOnClose: false,
  },
  {
    name: 'posix',
    doc: 'no more than POSIX promises: entries in any order, sizes without data',
    chosenBy: strict,
    keepsNewEntries: false,
    metadata: 'any',
    sizeWithoutData: true,
    tearsPages: true,
    flushesOnReplace: false,
    flushesTruncatedOnClose: false,
  },
];

export const DEFAULT_MODEL = 'ext4';

export function modelNamed(name: string): FileSystemModel | undefined {
  return MODELS.find((model) => model.name === name);
}
