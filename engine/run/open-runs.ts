/** Opens the runs a manifest names. Reads nothing: large point indexes are read in the background. */
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
  return runs.map((meta) => new RunReader(disk, directory, meta, cache, { loadPoints }));
}
