/**
 * How a disk behaves when the system refuses a call, as named checks. The same list runs on the real disk, over
 * system calls that are made to fail, and on the simulated one: a simulated failure then stands for a real one.
 */
import type { Disk, DiskFile } from '../../../engine/env/disk.ts';

export type FailingCall =
  | 'create'
  | 'write'
  | 'truncate'
  | 'rename'
  | 'remove'
  | 'close'
  | 'sync'
  | 'syncDirectory'
  | 'createDirectory';

export interface Failure {
  readonly call: FailingCall;
  readonly code: 'EIO' | 'ENOSPC' | 'EROFS' | 'EINVAL';
  /** For a write: bytes written before it fails. Default 0. */
  readonly taken?: number;
}

export interface FailingDisk {
  readonly disk: Disk;
  /** An empty directory. */
  readonly root: string;
  /** All such calls fail until the next `fail`; without a failure none does. */
  fail(failure?: Failure): void;
  /** Files that the system has open for the disk. */
  openFiles(): number;
}

export interface FailingDiskCheck {
  readonly name: string;
  /** Throws when the disk does not behave so. */
  run(parts: FailingDisk): Promise<void>;
}

const CODES = { EIO: 'io', ENOSPC: 'disk-full', EROFS: 'read-only', EINVAL: 'io' } as const;
const NEW = Uint8Array.of(7, 8, 9, 10);

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

/** The call is refused with the code that stands for the system's, and may have happened. */
async function mustFail(run: () => unknown, code: Failure['code']): Promise<void> {
  let error: { readonly code?: string; readonly definite?: boolean };
  try {
    await run();
  } catch (thrown) {
    error = thrown as typeof error;
    same([error.code, error.definite], [CODES[code], false], 'the error');
    return;
  }
  throw new Error(`it should have failed with ${CODES[code]}`);
}

function contentOf(disk: Disk, path: string): number[] {
  const file = disk.open(path, 'read');
  const bytes = new Uint8Array(disk.size(file));
  disk.readAt(file, bytes, 0);
  disk.close(file);
  return [...bytes];
}

/** A disk with the file `f`: 1, 2, 3; it is open. */
function withFile({ disk, root }: FailingDisk): { file: DiskFile; path: string } {
  const path = `${root}/f`;
  const file = disk.open(path, 'create');
  disk.append(file, Uint8Array.of(1, 2, 3));
  return { file, path };
}

type Act = (disk: Disk, paths: { root: string; path: string; file: DiskFile }) => unknown;

const ACTS: Readonly<Record<Exclude<FailingCall, 'close'>, Act>> = {
  create: (disk, { root }) => disk.close(disk.open(`${root}/g`, 'create')),
  write: (disk, { file }) => disk.writeAt(file, NEW, 0),
  truncate: (disk, { file }) => disk.truncate(file, 1),
  rename: (disk, { root, path }) => disk.rename(path, `${root}/g`),
  remove: (disk, { path }) => disk.remove(path),
  sync: (disk, { file }) => disk.sync(file),
  syncDirectory: (disk, { root }) => disk.syncDirectory(root),
  createDirectory: (disk, { root }) => disk.createDirectory(`${root}/d`),
};

function refused(call: keyof typeof ACTS, code: Failure['code']): FailingDiskCheck {
  return {
    name: `${call} that fails with ${code} changes nothing, and is done when it is called again`,
    async run(parts) {
      const { disk, root } = parts;
      const { file, path } = withFile(parts);
      const before = parts.openFiles();
      parts.fail({ call, code });
      await mustFail(() => ACTS[call](disk, { root, path, file }), code);
      parts.fail();
      same(disk.list(root), ['f'], 'the names');
      same(contentOf(disk, path), [1, 2, 3], 'the content');
      same(disk.identity(`${root}/d`), undefined, 'the directory');
      same(parts.openFiles(), before, 'files that are open');
      await ACTS[call](disk, { root, path, file });
      disk.close(file);
    },
  };
}

const REFUSED = (Object.keys(ACTS) as (keyof typeof ACTS)[]).flatMap((call) =>
  (['EIO', 'ENOSPC', 'EROFS'] as const).map((code) => refused(call, code)),
);

export const FAILING_DISK_CHECKS: readonly FailingDiskCheck[] = [
  ...REFUSED,
  {
    name: 'a write that finds the disk full half-way leaves what was taken',
    async run(parts) {
      const { disk } = parts;
      const { file, path } = withFile(parts);
      parts.fail({ call: 'write', code: 'ENOSPC', taken: 2 });
      await mustFail(() => disk.append(file, NEW), 'ENOSPC');
      parts.fail();
      same(contentOf(disk, path), [1, 2, 3, 7, 8], 'the content');
      disk.close(file);
    },
  },
  {
    name: 'a failed close releases the descriptor',
    async run(parts) {
      const { disk } = parts;
      const before = parts.openFiles();
      const { file, path } = withFile(parts);
      parts.fail({ call: 'close', code: 'EIO' });
      await mustFail(() => disk.close(file), 'EIO');
      parts.fail();
      same(parts.openFiles(), before, 'files that are open');
      same(contentOf(disk, path), [1, 2, 3], 'the content');
    },
  },
  {
    name: 'a file system without a sync of directories is no failure; without one of files it is',
    async run(parts) {
      const { disk, root } = parts;
      const { file } = withFile(parts);
      parts.fail({ call: 'syncDirectory', code: 'EINVAL' });
      await disk.syncDirectory(root);
      parts.fail({ call: 'sync', code: 'EINVAL' });
      await mustFail(() => disk.sync(file), 'EINVAL');
      parts.fail();
      disk.close(file);
    },
  },
  {
    name: 'nested directories are made all or none, and are there for the next call',
    async run(parts) {
      const { disk, root } = parts;
      parts.fail({ call: 'createDirectory', code: 'EIO' });
      await mustFail(() => disk.createDirectory(`${root}/a/b/c`), 'EIO');
      parts.fail();
      for (const path of ['a', 'a/b', 'a/b/c'])
        same(disk.identity(`${root}/${path}`), undefined, `the directory ${path}`);
      disk.createDirectory(`${root}/a/b/c`);
      disk.close(disk.open(`${root}/a/b/c/f`, 'create'));
      same(disk.list(`${root}/a/b/c`), ['f'], 'the names');
    },
  },
];

/** Bytes that can be moved past the cache. */
const DIRECT_BYTES = 2 ** 20;

/** Of a disk whose syncs fail as they do on Linux: `fail` makes the next one fail. */
export const FAILED_SYNC_CHECKS: readonly FailingDiskCheck[] = [
  {
    name: 'after a failed sync direct reads see the medium, and others what was written',
    async run(parts) {
      const { disk, root } = parts;
      const path = `${root}/direct`;
      const file = disk.open(path, 'create');
      disk.writeAt(file, new Uint8Array(DIRECT_BYTES).fill(1), 0);
      await disk.sync(file);
      disk.writeAt(file, new Uint8Array(DIRECT_BYTES).fill(2), 0);
      parts.fail({ call: 'sync', code: 'EIO' });
      await mustFail(() => disk.sync(file), 'EIO');
      parts.fail();
      await disk.sync(file);
      const seen = (mode: 'read' | 'read-direct') => {
        const again = disk.open(path, mode);
        const target = disk.allocate(DIRECT_BYTES);
        disk.readAt(again, target, 0);
        disk.close(again);
        return [...new Set(target)];
      };
      same([seen('read-direct'), seen('read')], [[1], [2]], 'what is read directly, and else');
      disk.close(file);
    },
  },
];
