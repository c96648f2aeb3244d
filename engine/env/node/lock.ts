/**
 * An exclusive lock that the kernel frees when its holder dies, and that nothing else in the
 * holder's process can free.
 *
 * Two locks are held:
 * 1. An exclusive SQLite transaction on the lock file: a POSIX record lock, which versions of this
 *    engine before the second lock respect. The kernel drops it when *any* descriptor of the file
 *    is closed in the process, so copying or reading the lock file releases it.
 * 2. `flock` on a second file. Node offers no flock, so flock(1) takes it on a descriptor that it
 *    inherits from us: the lock belongs to the open file, which stays ours after flock(1) has
 *    ended. Reading and copying the file open it anew, and leave the lock alone.
 *
 * Where there is no flock(1) only the first is held. A side file names the holder, for messages.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { DiskLock } from '../disk.ts';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;
/** What flock(1) ends with when another open file holds the lock. */
const FLOCK_REFUSED = 1;
/** The descriptor's number in the child. */
const INHERITED = 3;

export function lockFile(path: string): DiskLock {
  // As long as it is open, a directory made in this one's place gets another inode number.
  const directory = opened(path, () => openSync(dirname(path), 'r'));
  let record: DatabaseSync | undefined;
  let shared: number | undefined;
  const release = () => {
    if (record?.isOpen === true) record.close();
    if (shared !== undefined) closeSync(shared);
    closeSync(directory);
  };
  try {
    record = takeRecordLock(path);
    shared = takeFlock(path);
    nameHolder(path);
  } catch (error) {
    release();
    throw error;
  }
  let isHeld = true;
  return {
    release() {
      if (isHeld) release();
      isHeld = false;
    },
  };
}

function takeRecordLock(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // A journal in memory: a full disk has no room for one.
    database.exec(
      'PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;',
    );
    return database;
  } catch (cause) {
    database?.close();
    const { errcode } = cause as { errcode?: number };
    if (errcode === SQLITE_BUSY || errcode === SQLITE_LOCKED) throw heldElsewhere(path, cause);
    throw unlockable(path, cause);
  }
}

/** Answers the descriptor that holds the lock. */
function takeFlock(path: string): number {
  const descriptor = opened(path, () => openSync(`${path}.flock`, 'a'));
  // The working directory may be gone by now, and a child can't start in it.
  const { status, error, stderr } = spawnSync('flock', ['-n', `${INHERITED}`], {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  const isMissing = (error as { code?: string } | undefined)?.code === 'ENOENT';
  if (status === 0 || isMissing) return descriptor;
  closeSync(descriptor);
  if (status === FLOCK_REFUSED) throw heldElsewhere(path, undefined);
  throw unlockable(path, error ?? new Error(`flock(1) ended with ${status}: ${stderr}`));
}

/** For messages only: a full disk takes the lock all the same. */
function nameHolder(path: string): void {
  try {
    writeFileSync(`${path}.holder`, `${process.pid}\n`);
  } catch {
    // The next opener that is refused reads an older name, or none.
  }
}

function opened<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw unlockable(path, cause);
  }
}

function heldElsewhere(path: string, cause: unknown): StoreError {
  const message = `cannot open ${dirname(path)}: ${holderOf(path)} holds the lock ${path}; close the store there, or open a copy`;
  return new StoreError('store-locked', message, true, { file: path, cause });
}

function holderOf(path: string): string {
  try {
    const pid = readFileSync(`${path}.holder`, 'utf8').trim();
    return pid === `${process.pid}` ? `this process (pid ${pid})` : `another process (pid ${pid})`;
  } catch {
    return 'another opener';
  }
}

const READ_ONLY_CODES: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ERR_SQLITE_ERROR'];

function unlockable(path: string, cause: unknown): StoreError {
  const {
    message: reason,
    code,
    errcode,
  } = cause as {
    message?: string;
    code?: string;
    errcode?: number;
  };
  const details = { file: path, cause };
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL) {
    return new StoreError('disk-full', `no space left to lock ${path}`, true, details);
  }
  if (!READ_ONLY_CODES.includes(code)) {
    return new StoreError('io', `cannot lock ${path}: ${reason}`, true, details);
  }
  const message = `cannot lock ${path}: ${reason}; is the directory writable?`;
  return new StoreError('read-only', message, true, details);
}
