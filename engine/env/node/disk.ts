/**
 * The real disk: Node's `fs`. `sync` is `fdatasync` (which also makes a changed size durable),
 * on the thread pool, or blocking where the caller is a worker that has nothing else to do.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../errors.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { lockFile } from './lock.ts';

interface NodeFile extends DiskFile {
  readonly descriptor: number;
}

function systemCode(cause: unknown): string {
  return String((cause as { code?: unknown } | null)?.code ?? 'unknown');
}

/** Turns a system error into the engine's: which file, what was tried, the system's own code. */
function diskError(cause: unknown, path: string, what: string): StoreError {
  const system = systemCode(cause);
  const details = { file: path, cause };
  if (system === 'ENOSPC' || system === 'EDQUOT') {
    return new StoreError('disk-full', `no space left to ${what} ${path}`, false, details);
  }
  if (system === 'EROFS' || system === 'EACCES' || system === 'EPERM') {
    const message = `cannot ${what} ${path}: the directory or file is read-only (${system})`;
    return new StoreError('read-only', message, true, details);
  }
  return new StoreError('io', `cannot ${what} ${path}: ${system}`, false, details);
}

function attempt<T>(path: string, what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw diskError(cause, path, what);
  }
}

export interface NodeDiskOptions {
  /** Wait for syncs on the calling thread: for workers. */
  readonly blockingSync?: boolean;
}

export function nodeDisk(options: NodeDiskOptions = {}): Disk {
  const descriptorOf = (file: DiskFile) => (file as NodeFile).descriptor;

  function syncDescriptor(descriptor: number, path: string, entry: boolean): Promise<void> {
    if (options.blockingSync === true) {
      attempt(path, 'sync', () => (entry ? fsyncSync : fdatasyncSync)(descriptor));
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      (entry ? fsync : fdatasync)(descriptor, (cause) => {
        if (cause === null || cause === undefined) resolve();
        else reject(diskError(cause, path, 'sync'));
      });
    });
  }

  function writeAll(file: DiskFile, bytes: Uint8Array, offset: number): void {
    const descriptor = descriptorOf(file);
    attempt(file.path, 'write', () => {
      let done = 0;
      while (done < bytes.length) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      }
    });
  }

  return {
    open(path, mode) {
      const flags = mode === 'read' ? 'r' : mode === 'write' ? 'r+' : 'wx+';
      const descriptor = attempt(path, 'open', () => openSync(path, flags));
      const file: NodeFile = { path, descriptor };
      return file;
    },
    close: (file) => attempt(file.path, 'close', () => closeSync(descriptorOf(file))),
    size: (file) => attempt(file.path, 'stat', () => fstatSync(descriptorOf(file)).size),
    readAt(file, target, offset) {
      return attempt(file.path, 'read', () => {
        let done = 0;
        while (done < target.length) {
          const position = offset + done;
          const got = readSync(descriptorOf(file), target, done, target.length - done, position);
          if (got === 0) break;
          done += got;
        }
        return done;
      });
    },
    writeAt: writeAll,
    append(file, bytes) {
      const offset = this.size(file);
      writeAll(file, bytes, offset);
      return offset;
    },
    sync: (file) => syncDescriptor(descriptorOf(file), file.path, false),
    truncate(file, size) {
      attempt(file.path, 'truncate', () => ftruncateSync(descriptorOf(file), size));
    },
    rename: (from, to) => attempt(from, 'rename', () => renameSync(from, to)),
    remove: (path) => attempt(path, 'remove', () => unlinkSync(path)),
    list(directory) {
      try {
        return readdirSync(directory).sort();
      } catch (cause) {
        if (systemCode(cause) === 'ENOENT') return [];
        throw diskError(cause, directory, 'list');
      }
    },
    createDirectory(directory) {
      attempt(directory, 'create', () => {
        const first = mkdirSync(directory, { recursive: true });
        if (first === undefined) return;
        const parent = openSync(dirname(first), 'r');
        try {
          fsyncSync(parent);
        } finally {
          closeSync(parent);
        }
      });
    },
    async syncDirectory(directory) {
      const descriptor = attempt(directory, 'open', () => openSync(directory, 'r'));
      try {
        await syncDescriptor(descriptor, directory, true);
      } finally {
        closeSync(descriptor);
      }
    },
    lock: (path) => lockFile(path),
  };
}
