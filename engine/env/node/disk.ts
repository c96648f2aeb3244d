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
import type { Disk, DiskFile, OpenMode } from '../disk.ts';
import { lockFile } from './lock.ts';

interface NodeFile extends DiskFile {
  readonly descriptor: number;
  /** A second descriptor, past the page cache; gone when the system has refused it once. */
  direct: number | undefined;
}

const SECTOR_BYTES = 512;
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
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};
const WASM_PAGE_BYTES = 65_536;
const ALIGNED_MIN = 512 * 1024;
const alignedMemory = new WeakSet<ArrayBufferLike>();

function allocateAligned(bytes: number): Uint8Array {
  if (bytes < ALIGNED_MIN) return new Uint8Array(bytes);
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  alignedMemory.add(buffer);
  return new Uint8Array(buffer, 0, bytes);
}

function isAligned(bytes: Uint8Array, offset: number): boolean {
  const odd = (bytes.byteOffset | bytes.length) % SECTOR_BYTES !== 0;
  return !odd && offset % SECTOR_BYTES === 0 && alignedMemory.has(bytes.buffer);
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
    const { length } = bytes;
    const put = directly(file as NodeFile, bytes, offset, (direct) =>
      writeSync(direct, bytes, 0, length, offset),
    );
    attempt(file.path, 'write', () => {
      let done = put;
      while (done < bytes.length) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
      }
    });
  }

  /** Not every file system can; then the file is read and written as any. */
  function openDirect(path: string, access: number): number | undefined {
    try {
      return openSync(path, access | constants.O_DIRECT);
    } catch {
      return undefined;
    }
  }

  /** Runs `transfer` on the direct descriptor. 0 when this has to be done the other way. */
  function directly(
    file: NodeFile,
    bytes: Uint8Array,
    offset: number,
    transfer: (descriptor: number) => number,
  ): number {
    if (file.direct === undefined || !isAligned(bytes, offset)) return 0;
    try {
      return transfer(file.direct);
    } catch (cause) {
      if (systemCode(cause) !== 'EINVAL') throw diskError(cause, file.path, 'transfer');
      closeSync(file.direct);
      file.direct = undefined;
      return 0;
    }
  }

  return {
    open(path, mode) {
      const { flags, direct } = MODES[mode];
      const descriptor = attempt(path, 'open', () => openSync(path, flags));
      const file: NodeFile = {
        path,
        descriptor,
        direct: direct === undefined ? undefined : openDirect(path, direct),
      };
      return file;
    },
    allocate: allocateAligned,
    close(file) {
      const { direct } = file as NodeFile;
      if (direct !== undefined) attempt(file.path, 'close', () => closeSync(direct));
      attempt(file.path, 'close', () => closeSync(descriptorOf(file)));
    },
    size: (file) => attempt(file.path, 'stat', () => fstatSync(descriptorOf(file)).size),
    readAt(file, target, offset) {
      const { length } = target;
      const got = directly(file as NodeFile, target, offset, (descriptor) =>
        readSync(descriptor, target, 0, length, offset),
      );
      return attempt(file.path, 'read', () => {
        let done = got;
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
