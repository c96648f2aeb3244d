/**
 * NodeTable: maps the kernel's node numbers to inodes, and file handles to open files. After a power
 * cut all numbers are new; old ones return EIO forever.
 */
import { FsError, type Inode } from '../volatile/inode.ts';
import { ROOT_ID } from './wire.ts';

export interface OpenFile {
  readonly inode: Inode;
  readonly writes: boolean;
  /** For directories: the snapshot of entries that the open listing returns. */
  listing: readonly (readonly [name: string, inode: Inode])[];
  /** Number of the inode's failed syncs that this open file has reported. */
  reported: number;
}

export class NodeTable {
  readonly #inodes = new Map<number, Inode>();
  readonly #numbers = new Map<Inode, number>();
  readonly #files = new Map<number, OpenFile>();
  readonly #writers = new Map<Inode, number>();
  #nodes = ROOT_ID;
  #handles = 0;

  constructor(root: Inode) {
    this.restart(root);
  }

  /** Power is restored: nothing is open. */
  restart(root: Inode): void {
    for (const map of [this.#inodes, this.#numbers, this.#files, this.#writers]) map.clear();
    this.#inodes.set(ROOT_ID, root);
    this.#numbers.set(root, ROOT_ID);
  }

  inode(node: number): Inode {
    const inode = this.#inodes.get(node);
    if (inode === undefined) throw new FsError('EIO');
    return inode;
  }

  number(inode: Inode): number {
    let number = this.#numbers.get(inode);
    if (number === undefined) {
      number = ++this.#nodes;
      this.#inodes.set(number, inode);
      this.#numbers.set(inode, number);
    }
    return number;
  }

  /** The kernel dropped its last reference to an unlinked inode. */
  forget(node: number): void {
    const inode = this.#inodes.get(node);
    if (inode === undefined || node === ROOT_ID || inode.links > 0) return;
    this.#inodes.delete(node);
    this.#numbers.delete(inode);
  }

  open(inode: Inode, writes: boolean): number {
    const reported = inode.failedSyncs;
    this.#files.set(++this.#handles, { inode, writes, listing: [], reported });
    if (writes) this.#writers.set(inode, (this.#writers.get(inode) ?? 0) + 1);
    return this.#handles;
  }

  file(handle: number): OpenFile {
    const file = this.#files.get(handle);
    if (file === undefined) throw new FsError('EIO');
    return file;
  }

  /** Closes a file; returns its inode if no open file can write to it any more. */
  close(handle: number): Inode | undefined {
    const file = this.#files.get(handle);
    this.#files.delete(handle);
    if (file === undefined || !file.writes) return undefined;
    const left = this.#writers.get(file.inode)! - 1;
    if (left > 0) this.#writers.set(file.inode, left);
    else this.#writers.delete(file.inode);
    return left > 0 ? undefined : file.inode;
  }
}
