/**
 * Scratch directories for store files. Their names hold the process that made them, so that what
 * a killed harness left behind is found and removed by the next.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './alive.ts';

const PREFIX = 'assay-scratch-';

export function makeScratch(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

export function removeScratch(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Removes the scratch of processes that are gone; answers how many there were. */
export function sweepScratch(): number {
  let swept = 0;
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    removeScratch(join(tmpdir(), name));
    swept++;
  }
  return swept;
}
