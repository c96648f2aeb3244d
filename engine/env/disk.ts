/**
 * Disk: every effect the engine has on stored bytes, and what is durable after each.
 *
 * Reads and writes are synchronous calls; only `sync` and `syncDirectory` are promises, because
 * only they wait for the device.
 *
 * Contract:
 * 1. A write is visible to every later read at once, and durable only after a `sync` of that file
 *    that *began after the write* has resolved.
 * 2. A created, renamed or removed entry is durable only after `syncDirectory` of its directory.
 * 3. A 512-byte sector is old or new after a crash, never a mixture.
 * 4. `rename` replaces the target atomically: a crash shows the old or the new entry.
 * 5. After a failed `sync` nothing is known about the writes it covered; it is never retried.
 */
declare const fileBrand: unique symbol;

/** An open file. */
export interface DiskFile {
  readonly path: string;
  readonly [fileBrand]?: never;
}

export type OpenMode = 'read' | 'read-direct' | 'write' | 'create' | 'create-direct';

export interface Disk {
  /**
   * Opens `path`. `create` makes a new, empty file and fails when one is there. The `-direct` modes
   * go past the system's cache where that is possible: for whole sectors in memory of `allocate`.
   * Throws StoreError `io`, `read-only` or `disk-full`.
   */
  open(path: string, mode: OpenMode): DiskFile;
  /** Memory that a `-direct` file can be read into and written from, at any multiple of 512. */
  allocate(bytes: number): Uint8Array;
  close(file: DiskFile): void;
  /** Size in bytes. */
  size(file: DiskFile): number;
  /** Fills `target` from `offset`; answers the bytes read, fewer only at the file's end. */
  readAt(file: DiskFile, target: Uint8Array, offset: number): number;
  /** Whether the last `readAt` waited for the device, as far as the disk can tell. */
  waited?(): boolean;
  /** Writes all of `bytes` at `offset`, or throws (part of it may then be there). */
  writeAt(file: DiskFile, bytes: Uint8Array, offset: number): void;
  /** Writes at the file's end; answers the offset at which the bytes begin. */
  append(file: DiskFile, bytes: Uint8Array): number;
  /**
   * Durable after: every write to `file` issued before this call. `alone` says that nobody else
   * has work meanwhile: a disk may then block the caller, which is quicker than a thread's wake-up.
   */
  sync(file: DiskFile, alone?: boolean): Promise<void>;
  /**
   * Writes whole sectors and makes them durable: quicker than a write and a sync. Requires: nothing
   * else of `file` is unsynced. May block the caller.
   */
  writeDurable(file: DiskFile, bytes: Uint8Array, offset: number): Promise<void>;
  truncate(file: DiskFile, size: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names (not paths) of the entries of `directory`, sorted. Empty when it does not exist. */
  list(directory: string): readonly string[];
  /** Makes `directory` and its parents, each durably; nothing when it exists. */
  createDirectory(directory: string): void;
  /** The path of `directory` from the root, without links. Requires: it exists. */
  resolve(directory: string): string;
  /**
   * What tells the directory at this path from every other (on a real disk: device and inode), or
   * `undefined` where there is none. Holds for directories that are moved; as long as a lock in
   * `directory` is held, no directory made later has the same.
   */
  identity(directory: string): string | undefined;
  /**
   * Durable after: every entry change in `directory` made before this call. On a file system that
   * has no sync of directories (EINVAL) entries are as durable as it makes them; that is no error.
   */
  syncDirectory(directory: string): Promise<void>;
  /**
   * Takes the exclusive lock `path`, which the kernel frees when its holder dies, and which the
   * holder keeps whatever else it does with the file.
   * Throws StoreError `store-locked` when another opener holds it, in this process or another.
   */
  lock(path: string): DiskLock;
}

export interface DiskLock {
  release(): void;
}
