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
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../../errors.ts';
import type { Disk, DiskFile, OpenMode } from '../disk.ts';
import { lockFile } from './lock.ts';

interface NodeFile extends DiskFile {
  readonly descriptor: number;
  /** A second descriptor, past the page cache; gone when the system has refused it once. */
  direct: number | undefined;
  /** A third, past the page cache and durable with each write; `null` where there can be none. */
  durable: number | null | undefined;
}

const SECTOR_BYTES = 512;
/** Linux moves at most 2 GiB at a time. */
const TRANSFER_MAX_BYTES = 2 ** 30;

type Move = (
  descriptor: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  position: number,
) => number;

const MODES: Readonly<Record<OpenMode, { flags: string; direct?: number }>> = {
  read: { flags: 'r' },
  'read-direct': { flags: 'r', direct: constants.O_RDONLY },
  write: { flags: 'r+' },
  create: { flags: 'wx+' },
  'create-direct': { flags: 'wx+', direct: constants.O_RDWR },
};

/**
 * Direct transfers need memory at a sector's boundary, and Node does not say where a buffer lies.
 * The memory of WebAssembly begins at a page's, always; small pieces are not worth one.
 */
declare const WebAssembly: {
  Memory: new (size: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};
const WASM_PAGE_BYTES = 65_536;
const WASM_BYTES_MAX = 2 ** 32;
/** A read of a block from memory takes 1 to 5 microseconds, from a device 20 to 10,000. */
const WAIT_MIN_MS = 0.02;
const ALIGNED_MIN = 512 * 1024;
const alignedMemory = new WeakSet<ArrayBufferLike>();
/** What is written durably goes through here, for the log's memory is not aligned. */
let durableStaging: Uint8Array | undefined;

function allocateAligned(bytes: number): Uint8Array {
  if (bytes < ALIGNED_MIN || bytes > WASM_BYTES_MAX) return new Uint8Array(bytes);
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  alignedMemory.add(buffer);
  return new Uint8Array(buffer, 0, bytes);
}

function isAligned(bytes: Uint8Array, offset: number): boolean {
  const odd = (bytes.byteOffset | bytes.length) % SECTOR_BYTES !== 0;
  return !odd && offset % SECTOR_BYTES === 0 && alignedMemory.has(bytes.buffer);
}

function isSameFile(a: { dev: number; ino: number }, b: { dev: number; ino: number }): boolean {
  return a.dev === b.dev && a.ino === b.ino;
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
    return new StoreError('read-only', message, false, details);
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

/** Some file systems have no sync of directories: their entries are as durable as they get. */
function isWithoutDirectorySync(cause: unknown): boolean {
  return systemCode(cause) === 'EINVAL';
}

function syncEntries(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } catch (cause) {
    if (!isWithoutDirectorySync(cause)) throw cause;
  } finally {
    closeSync(descriptor);
  }
}

/** An existing directory counts as durable, so one whose sync failed is removed again. */
function removeDirectories(directories: readonly string[]): void {
  try {
    for (const directory of directories) rmdirSync(directory);
  } catch {
    // It is in use by now, or the disk accepts no changes.
  }
}

/** Closes every descriptor, also when one of them reports a failure. */
function closeAll(path: string, descriptors: readonly number[]): void {
  let failure: { readonly cause: unknown } | undefined;
  for (const descriptor of descriptors) {
    try {
      closeSync(descriptor);
    } catch (cause) {
      failure ??= { cause };
    }
  }
  if (failure !== undefined) throw diskError(failure.cause, path, 'close');
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
    const done = attempt(file.path, 'write', () =>
      transfer(file as NodeFile, bytes, offset, writeSync),
    );
    // A write of no bytes is no error to the system; tried again it may never end.
    if (done === bytes.length) return;
    const message = `cannot write ${file.path}: the system took ${done} of ${bytes.length} bytes`;
    throw new StoreError('io', message, false, { file: file.path });
  }

  /** One system call instead of two; false where that can't be done. */
  function writtenDurably(file: NodeFile, bytes: Uint8Array, offset: number): boolean {
    if (file.durable === null || bytes.length > ALIGNED_MIN) return false;
    file.durable ??= openAgain(file, constants.O_RDWR | constants.O_DSYNC) ?? null;
    if (file.durable === null) return false;
    durableStaging ??= allocateAligned(ALIGNED_MIN);
    durableStaging.set(bytes);
    try {
      return writeSync(file.durable, durableStaging, 0, bytes.length, offset) === bytes.length;
    } catch (cause) {
      if (systemCode(cause) !== 'EINVAL') throw diskError(cause, file.path, 'write');
      closeSync(file.durable);
      file.durable = null;
      return false;
    }
  }

  /**
   * Opens an open file past the system's cache. Not every file system can; then it is read and
   * written as any, and so it is when its path names another file by now.
   */
  function openAgain(
    { path, descriptor }: Pick<NodeFile, 'path' | 'descriptor'>,
    access: number,
  ): number | undefined {
    let again: number;
    try {
      again = openSync(path, access | constants.O_DIRECT);
    } catch {
      return undefined;
    }
    if (isSameFile(fstatSync(again), fstatSync(descriptor))) return again;
    closeSync(again);
    return undefined;
  }

  /**
   * Moves all of `bytes` in pieces that the system takes, directly where that can be done; answers how
   * many were moved, fewer only at the file's end.
   */
  function transfer(file: NodeFile, bytes: Uint8Array, offset: number, move: Move): number {
    let done = 0;
    while (done < bytes.length) {
      const piece = bytes.subarray(done, done + TRANSFER_MAX_BYTES);
      const position = offset + done;
      let moved = 0;
      if (file.direct !== undefined && isAligned(piece, position)) {
        try {
          moved = move(file.direct, piece, 0, piece.length, position);
        } catch (cause) {
          if (systemCode(cause) !== 'EINVAL') throw cause;
          closeSync(file.direct); // this file system can't after all
          file.direct = undefined;
        }
      }
      if (moved === 0) moved = move(file.descriptor, piece, 0, piece.length, position);
      if (moved === 0) break;
      done += moved;
    }
    return done;
  }

  let readMs = 0;
  return {
    open(path, mode) {
      const { flags, direct } = MODES[mode];
      const descriptor = attempt(path, 'open', () => openSync(path, flags));
      const file: NodeFile = {
        path,
        descriptor,
        direct: direct === undefined ? undefined : openAgain({ path, descriptor }, direct),
        durable: process.platform === 'linux' ? undefined : null,
      };
      return file;
    },
    allocate: allocateAligned,
    close(file) {
      const { direct, durable, descriptor } = file as NodeFile;
      closeAll(
        file.path,
        [direct, durable, descriptor].filter((one) => typeof one === 'number'),
      );
    },
    size: (file) => attempt(file.path, 'stat', () => fstatSync(descriptorOf(file)).size),
    readAt(file, target, offset) {
      const began = performance.now();
      const got = attempt(file.path, 'read', () =>
        transfer(file as NodeFile, target, offset, readSync),
      );
      readMs = performance.now() - began;
      return got;
    },
    waited: () => readMs > WAIT_MIN_MS,
    writeAt: writeAll,
    append(file, bytes) {
      const offset = this.size(file);
      writeAll(file, bytes, offset);
      return offset;
    },
    sync: (file, alone) => syncDescriptor(descriptorOf(file), file.path, false, alone),
    async writeDurable(file, bytes, offset) {
      if (writtenDurably(file as NodeFile, bytes, offset)) return;
      writeAll(file, bytes, offset);
      await syncDescriptor(descriptorOf(file), file.path, false, true);
    },
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
        const top = dirname(resolve(first));
        const made: string[] = [];
        for (let one = resolve(directory); one !== top; one = dirname(one)) made.push(one);
        try {
          for (const one of made) syncEntries(dirname(one));
        } catch (cause) {
          removeDirectories(made);
          throw cause;
        }
      });
    },
    resolve: (directory) => attempt(directory, 'resolve', () => realpathSync(directory)),
    identity(directory) {
      const stats = attempt(directory, 'stat', () =>
        statSync(directory, { bigint: true, throwIfNoEntry: false }),
      );
      return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : undefined;
    },
    async syncDirectory(directory) {
      const descriptor = attempt(directory, 'open', () => openSync(directory, 'r'));
      try {
        await syncDescriptor(descriptor, directory, true);
      } catch (error) {
        if (!isWithoutDirectorySync((error as StoreError).cause)) throw error;
      } finally {
        closeSync(descriptor);
      }
    },
    lock: (path) => lockFile(path),
  };
}
