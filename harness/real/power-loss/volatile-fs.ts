/**
 * VolatileFs: a file system in memory that can lose power, for programs that nobody here wrote.
 *
 * Model, after what ext4 in its default mode promises:
 * - data of a file is durable once a sync of that file is done; until then any of its sectors may be
 *   old or new, and a size that grew may be there without the data (zeros);
 * - entries (create, rename, unlink, mkdir, link) are journalled: a power cut keeps a prefix of those
 *   that were not durable yet, and each whole; any sync makes all entries before it durable;
 * - modes, owners and times are kept at once: no database depends on their loss.
 *
 * Paths are absolute within the file system. Errors are thrown as `FsError` with an errno's name.
 */
import { type Keeps, PagedFile } from './paged-file.ts';

export class FsError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface Inode {
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly number: number;
  mode: number;
  uid: number;
  gid: number;
  timeMs: number;
  links: number;
  readonly file: PagedFile;
  /** Of directories: what is in it, and what the medium has. */
  readonly children: Map<string, Inode>;
  readonly durableChildren: Map<string, Inode>;
  readonly target: string;
}

interface EntryChange {
  readonly directory: Inode;
  readonly name: string;
  /** `undefined`: the entry goes. */
  readonly inode: Inode | undefined;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export class VolatileFs {
  readonly root: Inode;
  /** Changes of entries that are not durable, oldest first; those of one call belong together. */
  #pending: (readonly EntryChange[])[] = [];
  readonly #files = new Set<Inode>();
  #inodes = 0;
  /** Sync calls that were carried out. */
  syncs = 0;
  /** Syncs are called done, and are not. */
  lies = false;

  constructor(owner: Owner = { uid: 0, gid: 0 }) {
    this.root = this.#inode('directory', 0o755, owner);
  }

  find(path: string): Inode {
    let at = this.root;
    for (const name of namesOf(path)) {
      if (at.kind !== 'directory') throw new FsError('ENOTDIR');
      const next = at.children.get(name);
      if (next === undefined) throw new FsError('ENOENT');
      at = next;
    }
    return at;
  }

  create(path: string, mode: number, owner: Owner): Inode {
    return this.#add(path, this.#inode('file', mode, owner));
  }

  mkdir(path: string, mode: number, owner: Owner): Inode {
    return this.#add(path, this.#inode('directory', mode, owner));
  }

  symlink(target: string, path: string, owner: Owner): Inode {
    return this.#add(path, this.#inode('symlink', 0o777, owner, target));
  }

  link(path: string, other: string): void {
    const inode = this.find(path);
    this.#add(other, inode);
    inode.links++;
  }

  unlink(path: string): void {
    const [directory, name] = this.#place(path);
    const inode = directory.children.get(name);
    if (inode === undefined) throw new FsError('ENOENT');
    if (inode.kind === 'directory') throw new FsError('EISDIR');
    inode.links--;
    this.#change([{ directory, name, inode: undefined }]);
  }

  rmdir(path: string): void {
    const [directory, name] = this.#place(path);
    const inode = directory.children.get(name);
    if (inode === undefined) throw new FsError('ENOENT');
    if (inode.kind !== 'directory') throw new FsError('ENOTDIR');
    if (inode.children.size > 0) throw new FsError('ENOTEMPTY');
    this.#change([{ directory, name, inode: undefined }]);
  }

  rename(from: string, to: string): void {
    const [directory, name] = this.#place(from);
    const inode = directory.children.get(name);
    if (inode === undefined) throw new FsError('ENOENT');
    const [toDirectory, toName] = this.#place(to);
    const replaced = toDirectory.children.get(toName);
    if (replaced === inode) return;
    if (replaced?.kind === 'directory' && replaced.children.size > 0)
      throw new FsError('ENOTEMPTY');
    if (replaced !== undefined) replaced.links--;
    this.#change([
      { directory, name, inode: undefined },
      { directory: toDirectory, name: toName, inode },
    ]);
  }

  /** What `fsync` and `fdatasync` do, of a file or a directory. */
  sync(inode: Inode): void {
    this.syncs++;
    if (this.lies) return;
    inode.file.sync();
    for (const changes of this.#pending) for (const change of changes) applyDurably(change);
    this.#pending = [];
  }

  /** Power is lost and comes back: what was not durable is there as far as `keeps` says. */
  cut(keeps: Keeps): void {
    for (const changes of this.#pending) {
      if (!keeps()) break; // the journal ends here
      for (const change of changes) applyDurably(change);
    }
    this.#pending = [];
    const reached = new Set<Inode>();
    const restore = (inode: Inode) => {
      if (reached.has(inode)) return;
      reached.add(inode);
      inode.children.clear();
      for (const [name, child] of inode.durableChildren) {
        inode.children.set(name, child);
        restore(child);
      }
    };
    restore(this.root);
    for (const inode of [...this.#files]) {
      if (reached.has(inode)) inode.file.cut(keeps);
      else this.#files.delete(inode);
    }
  }

  /** From now on `hasDurably` looks at what is written. */
  beginAudit(): void {
    for (const { file } of this.#files) file.touched.clear();
  }

  /** Whether the medium has these bytes somewhere in what was written since the audit began. */
  hasDurably(bytes: Buffer): boolean {
    for (const { file } of this.#files) if (file.hasDurably(bytes)) return true;
    return false;
  }

  #inode(kind: Inode['kind'], mode: number, { uid, gid }: Owner, target = ''): Inode {
    const inode: Inode = {
      kind,
      number: ++this.#inodes,
      mode,
      uid,
      gid,
      timeMs: Date.now(),
      links: 1,
      file: new PagedFile(),
      children: new Map(),
      durableChildren: new Map(),
      target,
    };
    if (kind === 'file') this.#files.add(inode);
    return inode;
  }

  #add(path: string, inode: Inode): Inode {
    const [directory, name] = this.#place(path);
    if (directory.children.has(name)) throw new FsError('EEXIST');
    this.#change([{ directory, name, inode }]);
    return inode;
  }

  #change(changes: readonly EntryChange[]): void {
    for (const { directory, name, inode } of changes) {
      if (inode === undefined) directory.children.delete(name);
      else directory.children.set(name, inode);
      directory.timeMs = Date.now();
    }
    this.#pending.push(changes);
  }

  #place(path: string): readonly [directory: Inode, name: string] {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw new FsError('EBUSY');
    const directory = this.find(names.join('/'));
    if (directory.kind !== 'directory') throw new FsError('ENOTDIR');
    return [directory, name];
  }
}

function applyDurably({ directory, name, inode }: EntryChange): void {
  if (inode === undefined) directory.durableChildren.delete(name);
  else directory.durableChildren.set(name, inode);
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
