/**
 * Scratch directories for store files. Their names hold the process that made them, so that what
 * a killed harness left behind is found and removed by the next.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isAlive } from './alive.ts';

const PREFIX = 'assay-scratch-';

export function makeScratch(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Where a file system is mounted in it, if one is. */
export function mountIn(scratch: string): string {
  return join(scratch, 'mount');
}

export function removeScratch(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/**
 * Removes the scratch of processes that are gone; answers how many there were. What can't be removed
 * stays: it is no fault of the run that comes after.
 */
export function sweepScratch(): number {
  let swept = 0;
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const scratch = join(tmpdir(), name);
    try {
      // The process that served it has ended; asking whether it is still mounted would fail.
      if (readdirSync(scratch).includes(basename(mountIn(scratch)))) {
        spawnSync('umount', ['-l', mountIn(scratch)], { stdio: 'ignore' });
      }
      removeScratch(scratch);
      swept++;
    } catch (error) {
      console.error(`${scratch} of an earlier run can't be removed: ${(error as Error).message}`);
    }
  }
  return swept;
}
