/**
 * VolatileFs: an in-memory file system that can lose power, for running third-party programs. Files are
 * inodes with identity. The kernel checks permissions and paths before it calls a file system, so this
 * one does not.
 *
 * Invariants:
 * 1. each change goes into the log of what is pending before it is answered;
 * 2. a sync makes durable what the file system's model says, no less and no more;
 * 3. a failed sync leaves the data readable, clean and not durable, as Linux does.
 *
 * Errors are thrown as `FsError` with an errno's name.
 */

import { Audit } from './audit.ts';
import { compact } from './compaction.ts';
import { PAGE_BYTES, piecesOf } from './content.ts';
import {
  type Attributes,
  FsError,
  type Inode,
  type InodeParts,
  makeInode,
  type Owner,
  type Time,
} from './inode.ts';
import { DEFAULT_MODEL, type FileSystemModel, modelNamed } from './models.ts';
import { apply, type Change, concerns, type EntryChange, PendingLog } from './pending-log.ts';

export interface VolatileFsParts {
  readonly owner?: Owner;
  readonly model?: FileSystemModel;
  /** Capacity in bytes; writes beyond it fail with ENOSPC. */
  readonly capacityPages?: number;
  readonly root?: Inode;
  readonly inodes?: number;
}

export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
const NAME_BYTES_MAX = 255;
const CAPACITY_PAGES = 2 ** 21;

export class VolatileFs {
  readonly root: Inode;
  readonly model: FileSystemModel;
  readonly capacityPages: number;
  readonly pending = new PendingLog();
  readonly audit = new Audit();
  #inodes: number;
  #usedPages = 0;
  /** Number of commits of the whole tree. */
  #treeCommits = 0;
  /** Files truncated and not closed since. */
  readonly #truncated = new WeakSet<Inode>();

  constructor({ owner = { uid: 0, gid: 0 }, root, ...parts }: VolatileFsParts = {}) {
    this.model = parts.model ?? modelNamed(DEFAULT_MODEL)!;
    this.capacityPages = parts.capacityPages ?? CAPACITY_PAGES;
    this.#inodes = parts.inodes ?? 1;
    this.root =
      root ?? makeInode({ number: 1, kind: 'directory', attributes: attributesOf(0o755, owner) });
    this.root.parent = this.root;
    this.#usedPages = root === undefined ? 0 : this.countPages();
  }

  get inodes(): number {
    return this.#inodes;
  }

  get usedPages(): number {
    return this.#usedPages;
  }

  /** For tests and audits; programs look up one path component at a time. */
  find(path: string): Inode {
    let at = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) at = this.lookup(at, name);
    return at;
  }

  lookup(directory: Inode, name: string): Inode {
    if (directory.kind !== 'directory') throw new FsError('ENOTDIR');
    if (name.length > NAME_BYTES_MAX) throw new FsError('ENAMETOOLONG');
    const inode = directory.now.children.get(name);
    if (inode === undefined) throw new FsError('ENOENT');
    return inode;
  }

  make(
    directory: Inode,
    name: string,
    {
      mode,
      owner,
      ...parts
    }: Omit<InodeParts, 'number' | 'attributes'> & {
      readonly mode: number;
      readonly owner: Owner;
    },
  ): Inode {
    const inode = this.makeNameless({ ...parts, mode, owner });
    this.#enter(directory, name, inode, { creates: inode });
    if (inode.kind === 'directory') inode.parent = directory;
    return inode;
  }

  /** Creates an inode without a name (O_TMPFILE). */
  makeNameless({
    mode,
    owner,
    ...parts
  }: Omit<InodeParts, 'number' | 'attributes'> & {
    readonly mode: number;
    readonly owner: Owner;
  }): Inode {
    const attributes = attributesOf(mode, owner);
    return makeInode({ ...parts, number: ++this.#inodes, attributes, madeAt: this.#treeCommits });
  }

  link(inode: Inode, directory: Inode, name: string): void {
    if (inode.kind === 'directory') throw new FsError('EPERM');
    this.#enter(directory, name, inode, {});
    this.#touch(inode, ['ctime']);
  }

  unlink(directory: Inode, name: string): void {
    const inode = this.lookup(directory, name);
    if (inode.kind === 'directory') throw new FsError('EISDIR');
    this.#changeEntries([{ directory, name, inode: undefined, before: inode }]);
    this.#touch(inode, ['ctime']);
  }

  rmdir(directory: Inode, name: string): void {
    const inode = this.lookup(directory, name);
    if (inode.kind !== 'directory') throw new FsError('ENOTDIR');
    if (inode.now.children.size > 0) throw new FsError('ENOTEMPTY');
    this.#changeEntries([{ directory, name, inode: undefined, before: inode }]);
  }

  rename(from: readonly [Inode, string], to: readonly [Inode, string], flags = 0): void {
    const inode = this.lookup(...from);
    const [directory, name] = from;
    const [toDirectory, toName] = to;
    if (toName.length > NAME_BYTES_MAX) throw new FsError('ENAMETOOLONG');
    if (toDirectory.kind !== 'directory') throw new FsError('ENOTDIR');
    const replaced = toDirectory.now.children.get(toName);
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0) throw new FsError('EINVAL');
    if ((flags & RENAME_NOREPLACE) !== 0 && replaced !== undefined) throw new FsError('EEXIST');
    const exchanges = (flags & RENAME_EXCHANGE) !== 0;
    if (exchanges && replaced === undefined) throw new FsError('ENOENT');
    if (replaced === inode) return;
    if (!exchanges && replaced?.kind === 'directory' && replaced.now.children.size > 0)
      throw new FsError('ENOTEMPTY');
    const flushes =
      this.model.flushesOnReplace && replaced !== undefined && inode.kind === 'file'
        ? { flushes: inode }
        : {};
    const left = exchanges ? replaced : undefined;
    this.#changeEntries(
      [
        { directory, name, inode: left, before: inode },
        { directory: toDirectory, name: toName, inode, before: replaced },
      ],
      flushes,
    );
    if (inode.kind === 'directory') inode.parent = toDirectory;
    if (exchanges && replaced?.kind === 'directory') replaced.parent = directory;
    for (const moved of [inode, replaced]) if (moved !== undefined) this.#touch(moved, ['ctime']);
  }

  /** Throws ENOSPC if the bytes exceed the free space. */
  write(inode: Inode, bytes: Buffer, offset: number): void {
    this.#allocate(inode, offset, bytes.length);
    const own = Buffer.from(bytes);
    inode.now.content.write(own, offset);
    this.pending.append(withStalePages({ kind: 'data', inode, offset, bytes: own }));
    this.audit.touch(inode, offset, own.length);
    this.#touch(inode, ['mtime', 'ctime'], false);
    compact(this.pending);
  }

  truncate(inode: Inode, size: number): void {
    if (size < inode.now.content.size) this.#truncated.add(inode);
    this.#change({ kind: 'size', inode, size });
    this.#touch(inode, ['mtime', 'ctime']);
  }

  punch(inode: Inode, offset: number, length: number): void {
    this.#change({ kind: 'hole', inode, offset, length });
    this.#touch(inode, ['mtime', 'ctime']);
  }

  allocate(inode: Inode, offset: number, length: number, keepsSize: boolean): void {
    this.#allocate(inode, offset, length);
    const size = keepsSize ? 0 : offset + length;
    this.#change({ kind: 'allocate', inode, offset, length, size });
    this.#touch(inode, ['mtime', 'ctime']);
  }

  setAttributes(inode: Inode, changed: Partial<Attributes>): void {
    const attributes = { ...inode.now.attributes, ctime: timeNow(), ...changed };
    this.#change({ kind: 'attributes', inode, attributes });
  }

  /** Called when the last open file that could write to it is closed. */
  closed(inode: Inode): void {
    if (!this.model.flushesTruncatedOnClose || !this.#truncated.delete(inode)) return;
    this.pending.append({ kind: 'entries', entries: [], flushes: inode });
  }

  /** `fsync` and `fdatasync`, for all changes up to number `upTo`. */
  sync(inode: Inode, dataOnly = false, upTo = this.pending.sequence): void {
    const changes = this.pending.changes.filter(({ sequence }) => sequence <= upTo);
    const isLogged = ({ loggedAt }: Inode) => loggedAt === this.#treeCommits;
    const isNew = ({ madeAt }: Inode) => madeAt === this.#treeCommits;
    const request = { inode, dataOnly, isLogged, isNew };
    const isChosen = this.model.chosenBy(request, changes);
    const commitsTree = this.model.commitsTree?.(request, changes) === true;
    const hadChanges = changes.some((change) => concerns(change, inode));
    const entries = this.pending.commit((change) => change.sequence <= upTo && isChosen(change));
    if (commitsTree) this.#treeCommits++;
    else
      for (const logged of [...(hadChanges ? [inode] : []), ...entries.map((entry) => entry.inode)])
        if (logged !== undefined) logged.loggedAt = this.#treeCommits;
    if (!dataOnly) inode.medium.attributes = inode.now.attributes;
  }

  /** `sync` and `syncfs`. */
  syncAll(upTo = this.pending.sequence): void {
    this.pending.commit(({ sequence }) => sequence <= upTo);
    this.#treeCommits++;
  }

  /** A failed sync of one file or all: its pages count as clean from now on, but are not on the medium. */
  failSync(one?: Inode): void {
    const failed = new Set<Inode>(one === undefined ? [] : [one]);
    this.pending.forget((change) => {
      if (change.kind !== 'data' || (one !== undefined && change.inode !== one)) return false;
      const { inode, offset, bytes } = change;
      for (const { page } of piecesOf(offset, bytes.length)) inode.stale.add(page);
      failed.add(inode);
      return true;
    });
    for (const inode of failed) inode.failedSyncs++;
  }

  /** Recounts the pages in use. */
  countPages(): number {
    const seen = new Set<Inode>();
    let pages = 0;
    const walk = (inode: Inode) => {
      if (seen.has(inode)) return;
      seen.add(inode);
      pages += inode.now.content.allocatedPages;
      for (const child of inode.now.children.values()) walk(child);
    };
    walk(this.root);
    this.#usedPages = pages;
    return pages;
  }

  #enter(directory: Inode, name: string, inode: Inode, how: { readonly creates?: Inode }): void {
    if (directory.kind !== 'directory') throw new FsError('ENOTDIR');
    if (name.length > NAME_BYTES_MAX) throw new FsError('ENAMETOOLONG');
    if (directory.now.children.has(name)) throw new FsError('EEXIST');
    this.#changeEntries([{ directory, name, inode, before: undefined }], how);
  }

  #changeEntries(
    entries: readonly EntryChange[],
    how: { readonly flushes?: Inode; readonly creates?: Inode } = {},
  ): void {
    for (const { inode, before } of entries) {
      if (inode !== undefined) inode.links++;
      if (before !== undefined) before.links--;
    }
    this.#change({ kind: 'entries', entries, ...how });
    for (const { directory } of entries) this.#touch(directory, ['mtime', 'ctime'], false);
  }

  #change(change: Change): void {
    apply(change, (inode) => inode.now);
    this.pending.append(change);
  }

  #touch(inode: Inode, what: readonly ('mtime' | 'ctime')[], isLogged = true): void {
    const time = timeNow();
    const times = Object.fromEntries(what.map((name) => [name, time]));
    const attributes = { ...inode.now.attributes, ...times };
    if (isLogged) this.#change({ kind: 'attributes', inode, attributes });
    else inode.now.attributes = attributes;
  }

  #allocate(inode: Inode, offset: number, length: number): void {
    let more = 0;
    for (const { page } of piecesOf(offset, length))
      if (!inode.now.content.hasWritten(page)) more++;
    if (
      this.#usedPages + more > this.capacityPages &&
      this.countPages() + more > this.capacityPages
    )
      throw new FsError('ENOSPC');
    this.#usedPages += more;
  }
}

/** A page is written as a whole, including data of an earlier failed sync. */
function withStalePages(change: Extract<Change, { kind: 'data' }>): Change {
  const { inode, offset, bytes } = change;
  const pages = [...piecesOf(offset, bytes.length)].map(({ page }) => page);
  const isStale = pages.filter((page) => inode.stale.delete(page)).length > 0;
  if (!isStale) return change;
  const from = pages[0]! * PAGE_BYTES;
  const to = Math.min((pages.at(-1)! + 1) * PAGE_BYTES, inode.now.content.size);
  const whole = Buffer.alloc(to - from);
  inode.now.content.read(whole, from);
  return { ...change, offset: from, bytes: whole };
}

function attributesOf(mode: number, { uid, gid }: Owner): Attributes {
  const time = timeNow();
  return { mode, uid, gid, atime: time, mtime: time, ctime: time, extended: new Map() };
}

/** Strictly increasing within a millisecond, the resolution of Node's clock. */
let lastNanoseconds = 0n;
export function timeNow(): Time {
  const clock = BigInt(Date.now()) * 1_000_000n;
  lastNanoseconds = clock > lastNanoseconds ? clock : lastNanoseconds + 1n;
  return [Number(lastNanoseconds / 1_000_000_000n), Number(lastNanoseconds % 1_000_000_000n)];
}
