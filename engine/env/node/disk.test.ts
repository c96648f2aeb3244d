import { mkdtempSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../errors.ts';
import { nodeDisk } from './disk.ts';

/** What the system does otherwise than usual. */
const system = vi.hoisted(() => ({
  taken: undefined as number | undefined,
  syncError: undefined as string | undefined,
}));

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>();
  const sync = (descriptor: number, entry: (descriptor: number) => void) => {
    const { syncError } = system;
    if (syncError !== undefined) throw Object.assign(new Error(syncError), { code: syncError });
    entry(descriptor);
  };
  return {
    ...actual,
    writeSync: (...args: Parameters<typeof actual.writeSync>) =>
      system.taken ?? actual.writeSync(...args),
    fsyncSync(descriptor: number) {
      paths.push(readlinkSync(`/proc/self/fd/${descriptor}`));
      sync(descriptor, actual.fsyncSync);
    },
  };
});

const paths: string[] = [];

describe.skipIf(process.platform !== 'linux')('the real disk', () => {
  let directory: string;
  const disk = nodeDisk({ blockingSync: true });

  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'assay-disk-')));
  });
  afterEach(() => {
    Object.assign(system, { taken: undefined, syncError: undefined });
    paths.length = 0;
    rmSync(directory, { recursive: true });
  });

  it('throws when the system takes no bytes of a write, durable or not', async () => {
    const file = disk.open(join(directory, 'f'), 'create');
    system.taken = 0;
    const bytes = new Uint8Array(4096);
    expect(() => disk.writeAt(file, bytes, 0)).toThrow('the system took 0 of 4096 bytes');
    expect(() => disk.append(file, bytes)).toThrow(StoreError);
    await expect(disk.writeDurable(file, bytes, 0)).rejects.toMatchObject({
      code: 'io',
      definite: false,
    });
    system.taken = undefined;
    disk.close(file);
  });

  it('syncs each parent of the directories that it makes', () => {
    disk.createDirectory(join(directory, 'a', 'b', 'c'));
    const parents = [directory, join(directory, 'a'), join(directory, 'a', 'b')];
    expect(paths.toSorted()).toEqual(parents);
    disk.createDirectory(join(directory, 'a', 'b', 'c'));
    expect(paths).toHaveLength(3);
  });

  it('accepts a file system without a sync of directories, and no other failure', async () => {
    system.syncError = 'EINVAL';
    disk.createDirectory(join(directory, 'a'));
    await disk.syncDirectory(directory);
    system.syncError = 'EIO';
    expect(() => disk.createDirectory(join(directory, 'b'))).toThrow('cannot create');
    await expect(disk.syncDirectory(directory)).rejects.toMatchObject({ code: 'io' });
  });
});
