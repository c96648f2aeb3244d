/** A simulated disk whose calls can be made to fail by name, for the checks of failing-disk.ts. */
import type { FailingDisk, Failure } from './failing-disk.ts';
import { SimDisk, type SimDiskOptions } from './sim-disk.ts';
import type { DiskErrorCode, DiskErrorFactory, EntryCall, SyncOutcome } from './trouble.ts';

const CODES: Readonly<Record<Failure['code'], DiskErrorCode>> = {
  EIO: 'io',
  ENOSPC: 'disk-full',
  EROFS: 'read-only',
  EINVAL: 'io',
};
const ROOT = 'root';

export function failingSimDisk(options: Pick<SimDiskOptions, 'random' | 'error'>): FailingDisk {
  const { error } = options;
  let failing: Failure | undefined;
  const refuse = (call: EntryCall, path: string) => {
    if (failing?.call === call) throw refusal(error, failing.code, call, path);
  };
  const disk = new SimDisk({
    ...options,
    trouble: {
      read: () => undefined,
      write(path, bytes) {
        if (failing?.call !== 'write') return bytes;
        const { code, taken } = failing;
        if (taken === undefined) throw refusal(error, code, 'write', path);
        return { taken, code: CODES[code] };
      },
      change: refuse,
      sync: (path) =>
        outcomeOf(failing, path === ROOT, () => refusal(error, 'EROFS', 'sync', path)),
    },
  });
  disk.createDirectory(ROOT);
  return {
    disk,
    root: ROOT,
    fail(failure) {
      failing = failure;
    },
    openFiles: () => disk.openFiles,
  };
}

function refusal(
  error: DiskErrorFactory,
  code: Failure['code'],
  call: string,
  path: string,
): Error {
  return error(CODES[code], `${call} of ${path} was refused`, path);
}

function outcomeOf(
  failing: Failure | undefined,
  isDirectory: boolean,
  refused: () => Error,
): SyncOutcome {
  if (failing?.call !== (isDirectory ? 'syncDirectory' : 'sync')) return 'done';
  switch (failing.code) {
    case 'EIO':
      return 'fails';
    case 'ENOSPC':
      return 'finds-full';
    case 'EINVAL':
      return 'unsupported';
    case 'EROFS':
      throw refused();
  }
}
