/**
 * An exclusive lock that the kernel frees when its holder dies.
 *
 * Node's `fs` has no flock, and files that hold a process id race. SQLite's exclusive transaction
 * takes a POSIX record lock, and SQLite itself keeps openers within one process apart, so an
 * otherwise empty SQLite file is the lock. A side file names the holder, for messages only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { DiskLock } from '../disk.ts';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

function holderOf(path: string): string {
  try {
    return `process ${readFileSync(`${path}.holder`, 'utf8').trim()}`;
  } catch {
    return 'another opener';
  }
}

export function lockFile(path: string): DiskLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    writeFileSync(`${path}.holder`, `${process.pid}\n`);
  } catch (cause) {
    database?.close();
    const { errcode, code } = cause as { errcode?: number; code?: string };
    if (errcode === SQLITE_BUSY || errcode === SQLITE_LOCKED) {
      const message = `the store is open already, by ${holderOf(path)} (${path})`;
      throw new StoreError('store-locked', message, true, { file: path, cause });
    }
    const reason = String((cause as Error).message ?? code);
    const message = `cannot lock ${path}: ${reason}; is the directory writable?`;
    throw new StoreError('read-only', message, true, { file: path, cause });
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}
