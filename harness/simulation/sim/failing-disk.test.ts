import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it, vi } from 'vitest';
import { nodeDisk } from '../../../engine/index.ts';
import { Prng } from '../../random/prng.ts';
import { ABILITIES } from '../../real/abilities.ts';
import { DISK_FAULTS } from '../../real/power-loss/disk-faults.ts';
import { FuseMount } from '../../real/power-loss/fuse-mount.ts';
import { makeScratch, mountIn, removeScratch } from '../../real/scratch.ts';
import { Watchdog } from '../../real/watchdog.ts';
import target from '../../targets/reference-engine-sim.ts';
import { FAILED_SYNC_CHECKS, FAILING_DISK_CHECKS, type Failure } from './failing-disk.ts';
import { failingSimDisk } from './failing-sim-disk.ts';

/** Which call of the system fails, and how. */
const system = vi.hoisted(() => ({ failing: undefined as Failure | undefined }));

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof import('node:fs')>();
  const refuse = (call: Failure['call']) => {
    const { failing } = system;
    if (failing?.call !== call) return;
    throw Object.assign(new Error(failing.code), { code: failing.code });
  };
  const isDirectory = (descriptor: number) => actual.fstatSync(descriptor).isDirectory();
  const sync = (descriptor: number) => {
    const call = isDirectory(descriptor) ? 'syncDirectory' : 'sync';
    refuse(call);
    if (call === 'syncDirectory') refuse('createDirectory'); // it is a directory's sync that fails
  };
  return {
    ...actual,
    openSync(path: string, flags: string | number, ...rest: []) {
      if (flags === 'wx+') refuse('create');
      return actual.openSync(path, flags, ...rest);
    },
    writeSync(descriptor: number, bytes: Uint8Array, from: number, length: number, at: number) {
      const { failing } = system;
      if (failing?.call !== 'write') return actual.writeSync(descriptor, bytes, from, length, at);
      if (failing.taken === undefined) refuse('write');
      if (from > 0 || bytes.length < length) refuse('write');
      const taken = actual.writeSync(descriptor, bytes, from, failing.taken, at);
      system.failing = { call: 'write', code: failing.code }; // the rest of it is refused
      return taken;
    },
    ftruncateSync(descriptor: number, size: number) {
      refuse('truncate');
      actual.ftruncateSync(descriptor, size);
    },
    renameSync(from: string, to: string) {
      refuse('rename');
      actual.renameSync(from, to);
    },
    unlinkSync(path: string) {
      refuse('remove');
      actual.unlinkSync(path);
    },
    closeSync(descriptor: number) {
      const fails = system.failing?.call === 'close';
      actual.closeSync(descriptor);
      if (fails) refuse('close');
    },
    fsyncSync(descriptor: number) {
      sync(descriptor);
      actual.fsyncSync(descriptor);
    },
    fdatasyncSync(descriptor: number) {
      sync(descriptor);
      actual.fdatasyncSync(descriptor);
    },
  };
});

afterEach(() => {
  system.failing = undefined;
});

describe.skipIf(process.platform !== 'linux')('the real disk, where', () => {
  it.each(FAILING_DISK_CHECKS)('$name', async ({ run }) => {
    const root = mkdtempSync(join(tmpdir(), 'assay-disk-'));
    try {
      await run({
        disk: nodeDisk({ blockingSync: true }),
        root,
        fail(failure) {
          system.failing = failure;
        },
        openFiles: () => openBelow(root),
      });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('the simulated disk, where', () => {
  it.each([...FAILING_DISK_CHECKS, ...FAILED_SYNC_CHECKS])('$name', async ({ run }) => {
    await run(failingSimDisk({ random: new Prng(1), error: target.diskError }));
  });
});

const canMount = ABILITIES.get('fuse')!.available();

describe.skipIf(!canMount)('the real disk on a file system whose syncs fail', () => {
  it.each(FAILED_SYNC_CHECKS)('$name', async ({ run }) => {
    const scratch = makeScratch();
    const root = mountIn(scratch);
    const watchdog = new Watchdog();
    watchdog.guard({ directory: scratch });
    watchdog.guard({ mount: root });
    mkdirSync(root);
    const mount = await FuseMount.on(root);
    let planted: Promise<void> = Promise.resolve();
    const disk = nodeDisk();
    try {
      const sync = disk.sync.bind(disk);
      await run({
        disk: Object.assign(disk, {
          async sync(...args: Parameters<typeof disk.sync>) {
            await planted;
            await sync(...args);
          },
        }),
        root,
        fail(failure) {
          planted = mount.plant(failure === undefined ? undefined : DISK_FAULTS['sync-eio'], 1);
        },
        openFiles: () => openBelow(root),
      });
    } finally {
      await mount.unmount();
      await watchdog.end();
      removeScratch(scratch);
    }
  });
});

function openBelow(root: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(`${root}/`);
    } catch {
      return false; // that of the listing itself
    }
  }).length;
}
