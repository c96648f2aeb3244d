/** Opens the runs a manifest names. Reads nothing: large point indexes are read in the background. */
import type { Background } from '../env/background.ts';
import type { Disk } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import type { BlockCache } from './block-cache.ts';
import type { RunMeta } from './run-format.ts';
import type { PointIndex } from './run-index.ts';
import { RunReader } from './run-reader.ts';

export type RemoveFile = (path: string, bytes: number) => void;

export function openRuns(
  { disk, background }: Env,
  directory: string,
  runs: readonly RunMeta[],
  cache: BlockCache,
): RunReader[] {
  const loadPoints = (run: RunMeta) =>
    background.run({ kind: 'load-points', directory, run }, 'flush') as Promise<PointIndex>;
  const removeLater = removeBy(disk, background);
  return runs.map(
    (meta) => new RunReader(disk, directory, meta, cache, { loadPoints, removeLater }),
  );
}

/** Removing more than this keeps the caller waiting: the system frees the blocks one by one. */
const REMOVE_AT_ONCE_BYTES = 16 * 1024 * 1024;

/**
 * Removes files that no manifest names, large ones in the background. What is left of those after
 * all, the next recovery removes.
 */
export function removeBy(disk: Disk, background: Background): RemoveFile {
  return (path, bytes) => {
    if (bytes <= REMOVE_AT_ONCE_BYTES) disk.remove(path);
    else background.run({ kind: 'remove', path }, 'merge').catch(() => undefined);
  };
}
