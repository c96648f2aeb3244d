/**
 * What every Disk must do, as named checks. The same list runs on the real disk and on the
 * simulated one; if both pass, the simulation can stand in for the kernel.
 */
import type { Disk } from '../../../engine/env/disk.ts';

export interface DiskCheck {
  readonly name: string;
  /**
   * Throws when the disk does not behave so. `root` is an empty directory; `move` moves one, as
   * another process would.
   */
  run(disk: Disk, root: string, move: (from: string, to: string) => void): Promise<void>;
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

function mustThrow(run: () => unknown, code: string): void {
  try {
    run();
  } catch (error) {
    same((error as { code?: string }).code, code, 'the error code');
    return;
  }
  throw new Error(`it should have failed with ${code}`);
}

const bytes = (...values: number[]) => Uint8Array.from(values);

function read(disk: Disk, path: string, length: number, offset = 0): number[] {
  const file = disk.open(path, 'read');
  const target = new Uint8Array(length);
  const got = disk.readAt(file, target, offset);
  disk.close(file);
  return [...target.subarray(0, got)];
}

export const DISK_CHECKS: readonly DiskCheck[] = [
  {
    name: 'reads what was written, short at the end',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.writeAt(file, bytes(1, 2, 3), 0);
      disk.writeAt(file, bytes(9), 1);
      disk.close(file);
      same(read(disk, `${root}/a`, 10), [1, 9, 3], 'the content');
      same(read(disk, `${root}/a`, 10, 2), [3], 'the tail');
      same(read(disk, `${root}/a`, 10, 5), [], 'beyond the end');
    },
  },
  {
    name: 'fills a hole with zeros',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.writeAt(file, bytes(7), 3);
      same(disk.size(file), 4, 'the size');
      same(read(disk, `${root}/a`, 4), [0, 0, 0, 7], 'the content');
    },
  },
  {
    name: 'writes durably, over existing bytes and beyond the end',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.writeAt(file, new Uint8Array(1024).fill(1), 0);
      await disk.sync(file);
      await disk.writeDurable(file, new Uint8Array(1024).fill(2), 512);
      await disk.writeDurable(file, new Uint8Array(512).fill(3), 512);
      const content = read(disk, `${root}/a`, 2000);
      same([content.length, content[511]!, content[512]!, content[1024]!], [1536, 1, 3, 2], 'it');
    },
  },
  {
    name: 'appends at the end and says where',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      same(disk.append(file, bytes(1, 2)), 0, 'the first offset');
      same(disk.append(file, bytes(3)), 2, 'the second offset');
      same(read(disk, `${root}/a`, 9), [1, 2, 3], 'the content');
    },
  },
  {
    name: 'truncates, and grows with zeros',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.append(file, bytes(1, 2, 3));
      disk.truncate(file, 1);
      disk.truncate(file, 3);
      same(read(disk, `${root}/a`, 9), [1, 0, 0], 'the content');
    },
  },
  {
    name: 'creates once and opens only existing files',
    async run(disk, root) {
      disk.close(disk.open(`${root}/a`, 'create'));
      mustThrow(() => disk.open(`${root}/a`, 'create'), 'io');
      mustThrow(() => disk.open(`${root}/b`, 'read'), 'io');
      mustThrow(() => disk.open(`${root}/b`, 'write'), 'io');
    },
  },
  {
    name: 'lists names in order, and nothing for a directory that is not there',
    async run(disk, root) {
      for (const name of ['b', 'a']) disk.close(disk.open(`${root}/${name}`, 'create'));
      same(disk.list(root), ['a', 'b'], 'the list');
      same(disk.list(`${root}/nowhere`), [], 'the empty list');
    },
  },
  {
    name: 'renames over another file',
    async run(disk, root) {
      for (const [name, value] of [
        ['a', 1],
        ['b', 2],
      ] as const) {
        const file = disk.open(`${root}/${name}`, 'create');
        disk.append(file, bytes(value));
        disk.close(file);
      }
      disk.rename(`${root}/a`, `${root}/b`);
      same(disk.list(root), ['b'], 'the list');
      same(read(disk, `${root}/b`, 2), [1], 'the content');
    },
  },
  {
    name: 'removes a file that is open elsewhere, which stays readable there',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.append(file, bytes(5));
      disk.remove(`${root}/a`);
      same(disk.list(root), [], 'the list');
      const target = new Uint8Array(1);
      disk.readAt(file, target, 0);
      same([...target], [5], 'the content');
      mustThrow(() => disk.remove(`${root}/a`), 'io');
    },
  },
  {
    name: 'syncs files and directories',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.append(file, bytes(1));
      await disk.sync(file);
      await disk.syncDirectory(root);
      same(read(disk, `${root}/a`, 2), [1], 'the content');
    },
  },
  {
    name: 'tells a directory from others, wherever it is moved and whatever takes its place',
    async run(disk, root, move) {
      const [there, elsewhere] = [`${root}/there`, `${root}/elsewhere`];
      same(disk.identity(there) === undefined, true, 'no identity before it is made');
      disk.createDirectory(there);
      const own = disk.identity(disk.resolve(there));
      disk.createDirectory(there);
      disk.close(disk.open(`${there}/a`, 'create'));
      same(disk.identity(there), own, 'the identity, with a file in it');
      move(there, elsewhere);
      same(disk.identity(there) === undefined, true, 'none where it was');
      same([disk.identity(elsewhere), ...disk.list(elsewhere)], [own, 'a'], 'where it is now');
      disk.createDirectory(there);
      same(disk.identity(there) === own, false, 'another in its place is the same');
      same(disk.list(there), [], 'what is in the other');
    },
  },
  {
    name: 'takes writes and further syncs while a sync is in flight',
    async run(disk, root) {
      const file = disk.open(`${root}/a`, 'create');
      disk.append(file, bytes(1));
      const first = disk.sync(file);
      disk.append(file, bytes(2));
      disk.close(disk.open(`${root}/b`, 'create'));
      await Promise.all([first, disk.sync(file), disk.syncDirectory(root)]);
      same(read(disk, `${root}/a`, 3), [1, 2], 'the content');
      same(disk.list(root), ['a', 'b'], 'the list');
    },
  },
  {
    name: 'gives a lock to one holder at a time',
    async run(disk, root) {
      const lock = disk.lock(`${root}/LOCK`);
      mustThrow(() => disk.lock(`${root}/LOCK`), 'store-locked');
      lock.release();
      disk.lock(`${root}/LOCK`).release();
    },
  },
];
