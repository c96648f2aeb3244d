/**
 * AwaitedPoints: a large point index that is read elsewhere, while reads do without it. A small one
 * is not worth that, and a program that never lets the event loop turn would never get it.
 */
import type { RunMeta } from './run-format.ts';
import type { PointIndex } from './run-index.ts';

/** Point indexes up to this are read at once, in about 10 ms. */
const READ_AT_ONCE_BYTES = 8 * 1024 * 1024;
/** After so many reads without a larger one it is read at once, too. */
const READS_WITHOUT_MAX = 1_000_000;

export type LoadPoints = (meta: RunMeta) => Promise<PointIndex>;

export class AwaitedPoints {
  readonly #meta: RunMeta;
  readonly #load: LoadPoints;
  #loading: Promise<void> | undefined;
  #points: PointIndex | undefined;
  /** What kept it from being read. */
  #failure: unknown;
  #readsWithout = 0;

  constructor(meta: RunMeta, load: LoadPoints) {
    this.#meta = meta;
    this.#load = load;
  }

  /** Whether an index of so many bytes had better be read at once. */
  isNotWorth(bytes: number): boolean {
    return bytes <= READ_AT_ONCE_BYTES || this.#readsWithout > READS_WITHOUT_MAX;
  }

  /** The index, or `undefined` while it is on its way. Throws what kept it from being read. */
  points(): PointIndex | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#readsWithout++;
    this.#loading ??= this.#load(this.#meta).then(
      (points) => {
        this.#points = points;
      },
      (error: unknown) => {
        this.#failure = error;
      },
    );
    return this.#points;
  }
}
