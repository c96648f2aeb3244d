/** Which files of a directory belong to a store, and which of those its manifest names. */
import type { Disk } from '../env/disk.ts';
import { runFileName, runFileNumber } from '../run/run-format.ts';
import { logFileName, logFileNumber } from '../wal/log-format.ts';
import { readManifest } from './manifest.ts';
import { MANIFEST_NEXT_NAME, type ManifestState } from './manifest-format.ts';

export function isLogOrRun(name: string): boolean {
  return logFileNumber(name) !== undefined || runFileNumber(name) !== undefined;
}

/** Names of files that neither `state` nor `spares` names: cancelled work, or a crash, left them. */
export function unnamedFiles(
  disk: Disk,
  directory: string,
  { segments, runs }: ManifestState,
  spares: readonly number[],
): readonly string[] {
  const named = new Set([
    ...segments.map(({ number }) => logFileName(number)),
    ...spares.map(logFileName),
    ...runs.map(({ number }) => runFileName(number)),
  ]);
  const isLeft = (name: string) => isLogOrRun(name) && !named.has(name);
  return disk.list(directory).filter((name) => isLeft(name) || name === MANIFEST_NEXT_NAME);
}

/** As `unnamedFiles`, of the store as its manifest is now. Throws as `readManifest` does. */
export function strayFiles(disk: Disk, directory: string): readonly string[] {
  const state = readManifest(disk, directory);
  return state === undefined ? [] : unnamedFiles(disk, directory, state, state.spares);
}
