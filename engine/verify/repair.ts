/**
 * Repair: makes a damaged store open again, and says what it gave up. Explicit: nothing calls it
 * but a person.
 *
 * 1. A damaged manifest is made again from the footers of the runs: of overlapping runs the one
 *    that covers more is kept, because it is the merge of the others. Log segments belong to no
 *    manifest then and are given up.
 * 2. A run with damaged blocks or indexes is written anew from its whole blocks.
 * 3. The log is kept up to the first damaged frame; what follows is given up: see repair-log.ts.
 */
import { refuseMissing } from '../checkpoint/recovery.ts';
import { driveSteps } from '../env/background.ts';
import type { Env } from '../env/env.ts';
import { heldDisk, holdDirectory } from '../env/held-directory.ts';
import { isStoreError } from '../errors.ts';
import { readManifest, writeManifest } from '../manifest/manifest.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import { type RunMeta, runFileName } from '../run/run-format.ts';
import type { Problem } from './problem.ts';
import { rebuildManifest } from './rebuild-manifest.ts';
import { repairLog } from './repair-log.ts';
import { salvageRun } from './salvage-run.ts';
import { verifyStore } from './verify.ts';

export interface RepairReport {
  /** What was wrong before. */
  readonly problems: readonly Problem[];
  /** What could not be kept, one sentence each. */
  readonly givenUp: readonly string[];
}

/** Throws StoreError `store-locked`, or `store-missing` when nothing of a store is left. */
export async function repairStore(world: Env, where: string): Promise<RepairReport> {
  refuseMissing(world.disk, where);
  const held = holdDirectory(world.disk, where);
  const { path: directory } = held;
  const env = { ...world, disk: heldDisk(world.disk, held) };
  const { disk } = env;
  const lock = disk.lock(`${directory}/LOCK`);
  try {
    const { problems } = verifyStore(disk, directory);
    if (problems.length === 0) return { problems, givenUp: [] };
    const givenUp: string[] = [];
    let state = readableManifest(env, directory);
    if (state === undefined) {
      state = rebuildManifest(env, directory);
      givenUp.push('the manifest was damaged: everything that was in the log only');
    }
    let next = state.nextNumber;
    const runs: RunMeta[] = [];
    for (const meta of state.runs) {
      const path = `${directory}/${runFileName(meta.number)}`;
      if (!problems.some((problem) => problem.file === path)) {
        runs.push(meta);
        continue;
      }
      const number = next++;
      const target = {
        path: `${directory}/${runFileName(number)}`,
        number,
        tier: meta.tier,
        hashSeed: state.hashSeed,
        hashSecret: state.hashSecret,
        blockBytes: 8192,
        packed: false,
      };
      const salvaged = await driveSteps(salvageRun(disk, path, meta, target));
      givenUp.push(...salvaged.givenUp);
      if (salvaged.run !== undefined) runs.push(salvaged.run);
    }
    await disk.syncDirectory(directory);
    const durableLsn = await repairLog(disk, directory, state, givenUp);
    await writeManifest(disk, directory, {
      ...state,
      runs,
      nextNumber: next,
      durableLsn,
      cleanShutdown: false,
    });
    return { problems, givenUp };
  } finally {
    lock.release();
  }
}

function readableManifest(env: Env, directory: string): ManifestState | undefined {
  try {
    return readManifest(env.disk, directory);
  } catch (error) {
    if (isStoreError(error, 'corruption')) return undefined;
    throw error;
  }
}
