import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { FuseMount } from './fuse-mount.ts';
import { canMake, REAL_KINDS, RealFileSystem } from './real-file-system.ts';

type Sync = (file: number) => void;

function put(path: string, text: string, sync?: Sync): void {
  const file = openSync(path, 'w');
  writeSync(file, text);
  sync?.(file);
  closeSync(file);
}

function syncDirectory(path: string, sync: Sync = fsyncSync): void {
  const directory = openSync(path, 'r');
  sync(directory);
  closeSync(directory);
}

/** Overwrites the first page of a file of two, and syncs it. */
function overwrite(path: string, sync: Sync, flags = 0): void {
  const file = openSync(path, constants.O_WRONLY | flags);
  writeSync(file, '1'.repeat(4096), 0);
  sync(file);
  closeSync(file);
}

function append(path: string): void {
  const file = openSync(path, 'a');
  writeSync(file, '2'.repeat(4096));
  fsyncSync(file);
  closeSync(file);
}

const nothing: Sync = () => undefined;

/** Each begins with the files t (old), n (new) and log (two pages), all synced. */
const CASES: Readonly<Record<string, (d: string) => void>> = {
  'rename, then fdatasync of an overwrite elsewhere': (d) => {
    renameSync(`${d}/n`, `${d}/t`);
    overwrite(`${d}/log`, fdatasyncSync);
  },
  'rename, then an O_DSYNC overwrite elsewhere': (d) => {
    renameSync(`${d}/n`, `${d}/t`);
    overwrite(`${d}/log`, nothing, constants.O_DSYNC);
  },
  'rename, then fsync of an append elsewhere': (d) => {
    renameSync(`${d}/n`, `${d}/t`);
    append(`${d}/log`);
  },
  'rename, then fsync of its directory': (d) => {
    renameSync(`${d}/n`, `${d}/t`);
    syncDirectory(d);
  },
  'unsynced data renamed over a file, then fsync of the directory': (d) => {
    put(`${d}/m`, 'newest');
    renameSync(`${d}/m`, `${d}/t`);
    syncDirectory(d);
  },
  'unsynced data renamed to a new name, then fsync of the directory': (d) => {
    put(`${d}/m`, 'newest');
    renameSync(`${d}/m`, `${d}/q`);
    syncDirectory(d);
  },
  'truncate, then fsync of a new file': (d) => {
    truncateSync(`${d}/t`, 1);
    put(`${d}/q`, 'x', fsyncSync);
  },
  'truncate, then fdatasync of the file': (d) => {
    const file = openSync(`${d}/t`, 'r+');
    ftruncateSync(file, 1);
    fdatasyncSync(file);
    closeSync(file);
  },
  'unlink, then fdatasync of an overwrite elsewhere': (d) => {
    unlinkSync(`${d}/n`);
    overwrite(`${d}/log`, fdatasyncSync);
  },
  'a new file in a new directory, then fsync of the file': (d) => {
    mkdirSync(`${d}/s`);
    put(`${d}/s/f`, 'x', fsyncSync);
  },
  'a new file, then its fdatasync': (d) => put(`${d}/q`, 'x', fdatasyncSync),
  'a hard link, then fsync of the file by it': (d) => {
    linkSync(`${d}/t`, `${d}/q`);
    overwrite(`${d}/q`, fsyncSync);
  },
  'a rename of a file, then its own fsync': (d) => {
    renameSync(`${d}/n`, `${d}/q`);
    overwrite(`${d}/q`, fsyncSync);
  },
  'a rename of a file, then fdatasync of its overwrite': (d) => {
    renameSync(`${d}/log`, `${d}/q`);
    overwrite(`${d}/q`, fdatasyncSync);
  },
  'a mode, and an unlink of another file, then fdatasync of an overwrite': (d) => {
    chmodSync(`${d}/log`, 0o600);
    unlinkSync(`${d}/n`);
    overwrite(`${d}/log`, fdatasyncSync);
  },
  'an unlink of an open file, then fdatasync of its overwrite': (d) => {
    const file = openSync(`${d}/t`, 'r+');
    unlinkSync(`${d}/t`);
    writeSync(file, 'OLD', 0);
    fdatasyncSync(file);
    closeSync(file);
  },
  'a file that is unlinked and made again, then fsync': (d) => {
    unlinkSync(`${d}/n`);
    put(`${d}/n`, 'again', fsyncSync);
  },
  'a file that is synced and renamed, then fsync of another': (d) => {
    put(`${d}/q`, 'x', fsyncSync);
    renameSync(`${d}/q`, `${d}/t`);
    append(`${d}/log`);
  },
  'a new file that is synced and unlinked, then fsync of another': (d) => {
    put(`${d}/q`, 'x', fsyncSync);
    unlinkSync(`${d}/q`);
    append(`${d}/log`);
  },
  'an old file that is synced and unlinked, then fsync of another': (d) => {
    overwrite(`${d}/log`, fsyncSync);
    unlinkSync(`${d}/log`);
    append(`${d}/n`);
  },
  'two new files, then fsync of the second': (d) => {
    put(`${d}/q`, 'first');
    put(`${d}/r`, 'second', fsyncSync);
  },
};

const NAMES = ['t', 'n', 'm', 'q', 'r', 's/f', 'log'];

function look(d: string): string {
  const texts = NAMES.filter((name) => existsSync(`${d}/${name}`)).map((name) => {
    const text = readFileSync(`${d}/${name}`, 'latin1');
    return `${name}=${text.length > 10 ? `${text[0]}×${text.length}` : text}`;
  });
  return texts.join(' ');
}

function prepare(d: string): void {
  mkdirSync(d);
  put(`${d}/t`, 'old', fsyncSync);
  put(`${d}/n`, 'new', fsyncSync);
  put(`${d}/log`, '0'.repeat(8192), fsyncSync);
  spawnSync('sync', ['-f', d]);
}

/** Takes more time than a test run has: the file systems are compared when tests run long. */
const isLong = process.env.ASSAY_TEST_FUZZ !== undefined;
/** A commit that comes by itself, by a sync elsewhere, makes the real one keep more now and then. */
const TRIES = 3;
const LIMIT_MS = 300_000;

describe.each(REAL_KINDS)('%s', (kind) => {
  const scratch = makeScratch();
  const watchdog = new Watchdog();
  afterAll(async () => {
    await watchdog.end();
    removeScratch(scratch);
  });

  it.skipIf(!isLong || !canMake(kind))(
    'and its model keep the same after every case',
    async () => {
      watchdog.guard({ directory: scratch });
      const real = new RealFileSystem(kind, scratch);
      watchdog.guard({ mount: real.directory });
      mkdirSync(mountIn(scratch));
      const mount = await FuseMount.on(mountIn(scratch), { uid: 0, gid: 0 }, kind);
      watchdog.guard({ mount: mount.directory });
      try {
        let directories = 0;
        for (const [name, act] of Object.entries(CASES)) {
          let kept = '';
          let modelled = '';
          for (let tried = 0; tried < TRIES && (tried === 0 || kept !== modelled); tried++) {
            const inside = `case-${++directories}`;
            for (const { directory } of [real, mount]) {
              prepare(`${directory}/${inside}`);
              act(`${directory}/${inside}`);
            }
            kept = real.reached((directory) => look(`${directory}/${inside}`));
            await mount.cut('none', 1);
            modelled = look(`${mount.directory}/${inside}`);
          }
          expect([name, modelled]).toEqual([name, kept]);
        }
      } finally {
        real.unmount();
        await mount.unmount();
      }
    },
    LIMIT_MS,
  );
});
