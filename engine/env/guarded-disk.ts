/**
 * Guarded disk: a disk as one store relies on it, around any disk that may fail at any call.
 *
 * 1. `sync`, `writeDurable` and `syncDirectory` reject; they never throw in the caller's turn.
 * 2. Every error is a StoreError; what the disk throws otherwise becomes `io`, not definite.
 * 3. `close` never throws: the system releases the descriptor even when it reports an error, and what has to be
 *    durable was synced before.
 * 4. `remove` never throws: nothing names the file any more. What cannot be removed now is tried again
 *    with the next removal, and before the lock is released.
 * 5. Once the lock is released every call but `close` is refused: work that could not be waited for
 *    never touches what may be another opener's by then.
 */
import { isStoreError, StoreError } from '../errors.ts';
import type { Disk } from './disk.ts';

/** The error as a StoreError, which is not definite where it was not one before. */
export function storeErrorOf(cause: unknown, what: string, file?: string): StoreError {
  if (isStoreError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const place = file === undefined ? '' : ` ${file}`;
  const message = `cannot ${what}${place}: ${reason}`;
  return new StoreError('io', message, false, { cause, ...(file === undefined ? {} : { file }) });
}

/** Whether `directory` has an entry of that name; `undefined` where the disk does not tell. */
export function hasEntry(disk: Disk, directory: string, name: string): boolean | undefined {
  try {
    return disk.list(directory).includes(name);
  } catch {
    return undefined;
  }
}

export function guardedDisk(disk: Disk): Disk {
  /** Files that could not be removed yet. */
  const left = new Set<string>();
  let isReleased = false;

  function attempt<T>(what: string, file: string, run: () => T): T {
    if (isReleased) throw new StoreError('store-closed', `the store of ${file} is closed`, true);
    try {
      return run();
    } catch (cause) {
      throw storeErrorOf(cause, what, file);
    }
  }

  async function attemptLater(what: string, file: string, run: () => Promise<void>): Promise<void> {
    try {
      await attempt(what, file, run);
    } catch (cause) {
      throw storeErrorOf(cause, what, file);
    }
  }

  function removeLeft(): void {
    for (const path of left) {
      try {
        disk.remove(path);
        left.delete(path);
      } catch {
        // It is retried, and the next recovery removes unnamed files.
      }
    }
  }

  return {
    open(path, mode) {
      const file = attempt('open', path, () => disk.open(path, mode));
      if (mode === 'create' || mode === 'create-direct') left.delete(path);
      return file;
    },
    allocate: (bytes) => attempt('allocate', `${bytes} bytes`, () => disk.allocate(bytes)),
    close(file) {
      try {
        disk.close(file);
      } catch {
        // See 3.
      }
    },
    size: (file) => attempt('stat', file.path, () => disk.size(file)),
    waited: () => disk.waited?.() === true,
    readAt: (file, target, offset) =>
      attempt('read', file.path, () => disk.readAt(file, target, offset)),
    writeAt: (file, bytes, offset) =>
      attempt('write', file.path, () => disk.writeAt(file, bytes, offset)),
    append: (file, bytes) => attempt('write', file.path, () => disk.append(file, bytes)),
    sync: (file, alone) => attemptLater('sync', file.path, () => disk.sync(file, alone)),
    writeDurable: (file, bytes, offset) =>
      attemptLater('write', file.path, () => disk.writeDurable(file, bytes, offset)),
    truncate: (file, size) => attempt('truncate', file.path, () => disk.truncate(file, size)),
    rename(from, to) {
      attempt('rename', from, () => disk.rename(from, to));
      left.delete(from);
      left.delete(to);
    },
    remove(path) {
      left.add(path);
      if (!isReleased) removeLeft();
    },
    list: (directory) => attempt('list', directory, () => disk.list(directory)),
    createDirectory: (directory) =>
      attempt('create', directory, () => disk.createDirectory(directory)),
    resolve: (directory) => attempt('resolve', directory, () => disk.resolve(directory)),
    identity: (directory) => attempt('identify', directory, () => disk.identity(directory)),
    syncDirectory: (directory) =>
      attemptLater('sync', directory, () => disk.syncDirectory(directory)),
    lock(path) {
      const held = attempt('lock', path, () => disk.lock(path));
      return {
        release() {
          if (isReleased) return;
          removeLeft();
          isReleased = true;
          held.release();
        },
      };
    },
  };
}
