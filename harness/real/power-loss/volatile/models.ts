/**
 * Models of file systems: what each sync makes durable, and what a power cut may leave of the rest.
 * The promises and their sources stand in docs/file-systems.md.
 */
import type { Inode } from './inode.ts';
import { allocates, concerns, type Pending } from './pending-log.ts';

export interface SyncRequest {
  readonly inode: Inode;
  /** `fdatasync`: metadata that is not needed to read the data may stay volatile. */
  readonly dataOnly: boolean;
  /** Whether an inode was synced or created since the last commit of the whole tree. */
  isLogged(inode: Inode): boolean;
  isNew(inode: Inode): boolean;
}

export interface FileSystemModel {
  readonly name: string;
  readonly doc: string;
  /** The pending changes that the sync makes durable. */
  chosenBy(sync: SyncRequest, changes: readonly Pending[]): (change: Pending) => boolean;
  /** For file systems that log single files: whether this sync commits the whole tree instead. */
  commitsTree?(sync: SyncRequest, changes: readonly Pending[]): boolean;
  /** Whether syncing a new file also makes its directory entry durable, without a sync of the directory. */
  readonly keepsNewEntries: boolean;
  /** Which metadata a cut keeps: a prefix of the changes (journal), or any subset. */
  readonly metadata: 'prefix' | 'any';
  /** Whether a file's size may be durable without its data (which then reads as zeros). */
  readonly sizeWithoutData: boolean;
  /** Whether an overwritten page may be torn: old and new sectors. */
  readonly tearsPages: boolean;
  /** Whether a rename over an existing file also makes the new file's data durable. */
  readonly flushesOnReplace: boolean;
  /** Whether closing a truncated file makes its new data durable. */
  readonly flushesTruncatedOnClose: boolean;
}

/** Changes to an inode's bytes and size and, unless only its data is synced, its attributes. */
const ownOf =
  ({ inode, dataOnly }: Pick<SyncRequest, 'inode' | 'dataOnly'>) =>
  (change: Pending) =>
    change.kind !== 'entries' &&
    change.inode === inode &&
    !(dataOnly && change.kind === 'attributes');

const entriesIn = (directory: Inode) => (change: Pending) =>
  change.kind === 'entries' && change.entries.some((entry) => entry.directory === directory);

/** Whether fdatasync must include the change. */
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

/** Xfs (`ili_datasync_seq`): any change of the inode, even of its mode or link count. */
function isOfInode(_: Inode, change: Pending): boolean {
  return change.kind !== 'data' || allocates(change);
}

/**
 * One journal for all metadata. A sync commits all of it if it has anything of this inode to commit; a
 * pure overwrite followed by `fdatasync` does not. `isForData`: the changes for which an `fdatasync`
 * commits.
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

/** Bytes and sizes that become durable before the pending renames. */
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

/** Only what POSIX guarantees: syncing a file keeps the file, syncing a directory keeps its entries. */
function strict(sync: SyncRequest, changes: readonly Pending[]) {
  const isOwn = ownOf(sync);
  if (sync.inode.kind !== 'directory') return isOwn;
  const isEntry = entriesIn(sync.inode);
  const flushed = flushedBy(changes.filter(isEntry));
  return (change: Pending) => isOwn(change) || isEntry(change) || flushed(change);
}

/** Whether a name of the inode was removed. */
function losesName({ inode }: SyncRequest, changes: readonly Pending[]): boolean {
  return changes.some(
    (change) =>
      change.kind === 'entries' &&
      change.entries.some((entry) => entry.before === inode && entry.inode !== inode),
  );
}

/**
 * Whether changed names entered the log at once, and are kept by the next sync of any file. True for
 * new names of an inode that is in the log or comes from a directory that is, and for the removal of a
 * new name.
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
 * A log of inodes synced since the last commit of the whole tree: the file, its names and the
 * directories on its path. If one of its names was removed, the whole tree is committed instead. The
 * data of a file renamed over another becomes durable with such a commit, not with a directory's sync.
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
