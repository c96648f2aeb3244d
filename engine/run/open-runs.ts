/** Opens the runs a manifest names. Reads nothing: large point indexes are read in the background. */
import type { Background } from '../env/background.ts';
import type { Env } from '../env/env.ts';
import type { BlockCache } from './block-cache.ts';
import type { RunMeta } from './run-format.ts';
import type { PointIndex } from './run-index.ts';
import { RunReader } from './run-reader.ts';

export function openRuns(
  { disk, background }: Env,
  directory: string,
  runs: readonly RunMeta[],
  cache: BlockCache,
): RunReader[] {
  const loadPoints = (run: RunMeta) =>
    background.run({ kind: 'load-points', directory, run }, 'flush') as Promise<PointIndex>;
  const removeLater = removeBy(background);
  return runs.map(
    (meta) => new RunReader(disk, directory, meta, cache, { loadPoints, removeLater }),
  );
}

/** Removes a file that no manifest names. What is left of it after all, the next recovery removes. */
export function removeBy(background: Background): (path: string) => void {
  return (path) => {
    background.run({ kind: 'remove', path }, 'merge').catch(() => undefined);
  };
}
