/**
 * HeldDirectory: an environment for one store and the directory it was opened in.
 *
 * The store's files are named by path. Were the directory moved away, replaced or removed while the
 * store is open, the same paths would lead to other files, another store's perhaps. So the
 * directory's identity is checked before a file is opened, created, renamed or removed, and before
 * its entries are synced, here and in background tasks; never when an open file is read or written:
 * that file stays the store's, wherever its directory is now.
 *
 * Not closed here: the moment between the check and the system call.
 */
import { StoreError } from '../errors.ts';
import type { Background } from './background.ts';
import type { Disk } from './disk.ts';
import type { Env } from './env.ts';

/** A directory as it was when the store was opened. Goes to workers as it is. */
export interface HeldDirectory {
  /** From the root, without links: what follows does not depend on the working directory. */
  readonly path: string;
  readonly identity: string | undefined;
}

/** Requires: the directory exists. */
export function holdDirectory(disk: Disk, directory: string): HeldDirectory {
  const path = disk.resolve(directory);
  return { path, identity: disk.identity(path) };
}

/** The environment of one store: its disk is bound to `held`, its background work is its own. */
export function envOfStore(env: Env, held: HeldDirectory): Env {
  const disk = heldDisk(env.disk, held);
  return {
    ...env,
    disk,
    background: heldBackground(env.background.another?.() ?? env.background, held),
  };
}

/** A task states the directory it belongs to, so that the worker checks it too. */
function heldBackground(background: Background, held: HeldDirectory): Background {
  return {
    ...background,
    run: (task, lane) => background.run({ ...(task as object), held }, lane),
  };
}

/** `disk`, for as long as `held` is where it was. Throws StoreError `directory-moved`. */
export function heldDisk(disk: Disk, { path: directory, identity }: HeldDirectory): Disk {
  const check = (path: string, definite = true) => {
    if (disk.identity(directory) === identity) return;
    const message = `${directory} was moved, replaced or removed while its store was open; ${path} was left alone. Close the store, and open it where it is now`;
    throw new StoreError('directory-moved', message, definite, { file: path });
  };
  return {
    open(path, mode) {
      check(path);
      return disk.open(path, mode);
    },
    rename(from, to) {
      check(from);
      disk.rename(from, to);
    },
    remove(path) {
      check(path);
      disk.remove(path);
    },
    async syncDirectory(path) {
      check(path, false); // the entries that were to be durable may be, where it is now
      await disk.syncDirectory(path);
    },
    allocate: (bytes) => disk.allocate(bytes),
    close: (file) => disk.close(file),
    size: (file) => disk.size(file),
    readAt: (file, target, offset) => disk.readAt(file, target, offset),
    waited: () => disk.waited?.() === true,
    writeAt: (file, bytes, offset) => disk.writeAt(file, bytes, offset),
    append: (file, bytes) => disk.append(file, bytes),
    sync: (file, alone) => disk.sync(file, alone),
    writeDurable: (file, bytes, offset) => disk.writeDurable(file, bytes, offset),
    truncate: (file, size) => disk.truncate(file, size),
    list: (path) => disk.list(path),
    createDirectory: (path) => disk.createDirectory(path),
    resolve: (path) => disk.resolve(path),
    identity: (path) => disk.identity(path),
    lock: (path) => disk.lock(path),
  };
}
