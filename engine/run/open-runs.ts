/** Opens the runs a manifest names. Reads nothing: large point indexes are read in the background. */
import type { Background } from '../env/background.ts';
import type { Disk } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import type { StoreMemory } from '../store-memory.ts';
import type { LoadPoints } from './awaited-points.ts';
import type { RunMeta } from './run-format.ts';
import type { PointIndex } from './run-index.ts';
import { RunReader } from './run-reader.ts';

export type RemoveFile = (path: string, bytes: number) => void;

export function openRuns(
  { disk, background }: Env,
  directory: string,
  runs: readonly RunMeta[],
  memory: StoreMemory,
): RunReader[] {
  const options = {
    loadPoints: loadPointsBy(background, directory),
    removeLater: removeBy(disk, background),
    mayHold: (bytes: number) => memory.mayHold(bytes),
  };
  return runs.map((meta) => new RunReader(disk, directory, meta, memory.cache, options));
}

export function loadPointsBy(background: Background, directory: string): LoadPoints {
  return (run, memory) =>
    background.run({ kind: 'load-points', directory, run, memory }, 'flush') as Promise<PointIndex>;
}

/** Larger files are removed in the background: the kernel frees their blocks one by one. */
const REMOVE_AT_ONCE_BYTES = 16 * 1024 * 1024;

/**
 * Removes files that no manifest names, large ones in the background if that can be.
 */
export function removeBy(disk: Disk, background: Background): RemoveFile {
  return (path, bytes) => {
    if (bytes <= REMOVE_AT_ONCE_BYTES) disk.remove(path);
    else background.run({ kind: 'remove', path }, 'merge').catch(() => disk.remove(path));
  };
}
