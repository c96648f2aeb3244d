/** What the file system of a directory is and can do, by trying it. */
import {
  closeSync,
  constants,
  copyFileSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

export interface Features {
  /** As the system names it: ext4, xfs, tmpfs, overlay; `unknown` elsewhere than on Linux. */
  readonly fileSystem: string;
  readonly freeBytes: number;
  /** The smallest unit that a write past the page cache takes, in bytes; 0: none takes one. */
  readonly directBytes: number;
  /** What the call to sync a directory answers: `works`, or the system's error code. */
  readonly directorySync: string;
  /** Whether a copy can share blocks with its source. */
  readonly reflink: boolean;
  /** Whether a file made longer by truncate takes room only where it is written. */
  readonly sparse: boolean;
}

const DIRECT_UNITS = [512, 4096];
const LARGE = 2 ** 20;

export function featuresOf(directory: string): Features {
  const { bavail, bsize } = statfsSync(directory);
  return {
    fileSystem: fileSystemOf(directory),
    freeBytes: bavail * bsize,
    directBytes: tried(directory, (path) => directUnit(path)) ?? 0,
    directorySync: directorySync(directory),
    reflink: tried(directory, reflink) ?? false,
    sparse: tried(directory, sparse) ?? false,
  };
}

/** Runs `probe` on the name of a file that is removed afterwards; undefined when it throws. */
function tried<T>(directory: string, probe: (path: string) => T): T | undefined {
  const path = join(directory, `assay-disk-probe-${process.pid}`);
  try {
    return probe(path);
  } catch {
    return undefined; // the system refused it, which is the answer
  } finally {
    for (const name of [path, `${path}-copy`]) rmSync(name, { force: true });
  }
}

function fileSystemOf(directory: string): string {
  let mounts: string;
  try {
    mounts = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return 'unknown';
  }
  const place = `${resolve(directory)}/`;
  const inside = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point]) => point !== undefined && place.startsWith(`${point}/`.replace('//', '/')));
  // Of mounts on the same point the last one counts.
  const longest = inside.reduce<readonly string[] | undefined>(
    (best, mount) => (best !== undefined && best[1]!.length > mount[1]!.length ? best : mount),
    undefined,
  );
  return longest?.[2] ?? 'unknown';
}

/** Memory of a shared buffer of this size begins at a page, which a direct write needs. */
function directUnit(path: string): number {
  const pages = new Uint8Array(new SharedArrayBuffer(LARGE));
  const file = openSync(path, constants.O_CREAT | constants.O_RDWR | constants.O_DIRECT, 0o600);
  try {
    for (const unit of DIRECT_UNITS) {
      try {
        if (writeSync(file, pages, 0, unit, 0) === unit) return unit;
      } catch {} // too small a unit
    }
    return 0;
  } finally {
    closeSync(file);
  }
}

function directorySync(directory: string): string {
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
    return 'works';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'fails';
  } finally {
    closeSync(file);
  }
}

function reflink(path: string): boolean {
  writeFileSync(path, Buffer.alloc(LARGE, 1));
  const file = openSync(path, 'r');
  fdatasyncSync(file);
  closeSync(file);
  copyFileSync(path, `${path}-copy`, constants.COPYFILE_FICLONE_FORCE);
  return true;
}

function sparse(path: string): boolean {
  writeFileSync(path, '');
  truncateSync(path, LARGE);
  return statSync(path).blocks * 512 < LARGE;
}
