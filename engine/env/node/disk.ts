/**
 * The real disk: Node's `fs`. `sync` is `fdatasync` (which also makes a changed size durable),
 * on the thread pool, or blocking where the caller is a worker that has nothing else to do.
 */
import {
  closeSync,
  constants,
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
  descriptor: number;
  /** Reads go past the page cache, until the system refuses one. */
  direct: boolean;
}

/** Large blocks of malloc begin 16 bytes into a page, so a page of memory begins here. */
const PAGE_BYTES = 4096;
const MALLOC_HEADER_BYTES = 16;
const ALLOCATED_PADDED_MIN = 128 * 1024;

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

  function syncDescriptor(
    descriptor: number,
    path: string,
    entry: boolean,
    alone = false,
  ): Promise<void> {
    if (options.blockingSync === true || alone) {
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

  /** Not every file system can; then it is read as any file. */
  function openDirect(path: string): NodeFile {
    try {
      const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECT);
      return { path, descriptor, direct: true };
    } catch {
      return { path, descriptor: attempt(path, 'open', () => openSync(path, 'r')), direct: false };
    }
  }

  /** Bytes read; 0 when this memory or place can't be read directly, and the file goes on without. */
  function readDirect(file: NodeFile, target: Uint8Array, offset: number): number {
    try {
      return readSync(file.descriptor, target, 0, target.length, offset);
    } catch {
      closeSync(file.descriptor);
      file.descriptor = attempt(file.path, 'open', () => openSync(file.path, 'r'));
      file.direct = false;
      return 0;
    }
  }

  return {
    open(path, mode) {
      if (mode === 'direct') return openDirect(path);
      const flags = mode === 'read' ? 'r' : mode === 'write' ? 'r+' : 'wx+';
      const descriptor = attempt(path, 'open', () => openSync(path, flags));
      const file: NodeFile = { path, descriptor, direct: false };
      return file;
    },
    allocate(bytes) {
      if (bytes < ALLOCATED_PADDED_MIN) return new Uint8Array(bytes);
      const padded = new ArrayBuffer(bytes + PAGE_BYTES);
      return new Uint8Array(padded, PAGE_BYTES - MALLOC_HEADER_BYTES, bytes);
    },
    close: (file) => attempt(file.path, 'close', () => closeSync(descriptorOf(file))),
    size: (file) => attempt(file.path, 'stat', () => fstatSync(descriptorOf(file)).size),
    readAt(file, target, offset) {
      if ((file as NodeFile).direct) {
        const got = readDirect(file as NodeFile, target, offset);
        if (got === target.length) return got;
      }
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
    sync: (file, alone) => syncDescriptor(descriptorOf(file), file.path, false, alone),
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
