/** Options of a run reader: what its maker already has in memory. */
import type { AwaitedPointsOptions } from './awaited-points.ts';
import type { Lease } from './block-cache.ts';
import type { BlockIndex, PointIndex } from './run-index.ts';

export interface RunReaderOptions extends AwaitedPointsOptions {
  /** What the task that wrote the run handed over, the points only if there is room for them. */
  readonly index?: BlockIndex;
  readonly points?: PointIndex;
  /** Where the cache keeps the point index, if it does: taken back when the run is discarded. */
  readonly lease?: Lease;
  /** Removes a file whose removal is not to be waited for. */
  readonly removeLater?: (path: string, bytes: number) => void;
}
