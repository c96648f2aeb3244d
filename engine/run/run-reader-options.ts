/** Options of a run reader: what its maker already has in memory. */
import type { AwaitedPointsOptions } from './awaited-points.ts';
import type { Lease } from './block-cache.ts';
import type { BlockIndex, PointIndex } from './run-index.ts';

export interface RunReaderOptions extends AwaitedPointsOptions {
  /** Indexes from the task that wrote the run; the point index only if there is room. */
  readonly index?: BlockIndex;
  readonly points?: PointIndex;
  /** The lease that holds the point index, if the cache does; ended when the run is discarded. */
  readonly lease?: Lease;
  /** Removes a file in the background. */
  readonly removeLater?: (path: string, bytes: number) => void;
}
