/** What the reader of a run is given beside its file, by those that have it. */
import type { LoadPoints } from './awaited-points.ts';
import type { Loan } from './block-cache.ts';
import type { RunIndex } from './run-index.ts';

export interface RunReaderOptions {
  /** What the task that wrote the run handed over. */
  readonly index?: RunIndex;
  /** Where the cache keeps the point index, if it does: taken back when the run is discarded. */
  readonly loan?: Loan;
  /** Reads a point index that is too large to be waited for. */
  readonly loadPoints?: LoadPoints;
  /** Removes a file whose removal is not to be waited for. */
  readonly removeLater?: (path: string, bytes: number) => void;
}
