/**
 * AwaitedPoints: when the point index of a run comes into memory. A small one is read at once, a large
 * one by another thread, while reads do without. Where that thread is late, the index is read at once,
 * too: when doing without has cost about as much as reading it.
 *
 * Where there is no room for it, reads go on without it, and ask again now and then.
 */
import type { RunMeta } from './run-format.ts';
import type { PointIndex } from './run-index.ts';
import { published, sharedMemory } from './shared-points.ts';

/** Point indexes up to this size are read synchronously, in about 10 ms. */
const READ_AT_ONCE_BYTES = 8 * 1024 * 1024;
/** A read without the index costs about as much as reading this part of it. */
const BYTES_A_READ = 256;
/** Reads between two attempts to get room. */
const REFUSED_READS = 65_536;
/** A run has at most a key a record, in slots of 8 bytes that are three quarters full. */
const BYTES_A_RECORD = 8 / 0.75;

/** Has the index read into `memory`: see `sharedMemory`. */
export type LoadPoints = (meta: RunMeta, memory: SharedArrayBuffer) => Promise<PointIndex>;

export interface AwaitedPointsOptions {
  /** Default: every index is read synchronously. */
  readonly loadPoints?: LoadPoints;
  /** Whether `bytes` may be held. */
  readonly mayHold?: (bytes: number) => boolean;
}

export class AwaitedPoints {
  readonly #meta: RunMeta;
  readonly #load: LoadPoints | undefined;
  readonly #mayHold: (bytes: number) => boolean;
  #loading: Promise<void> | undefined;
  /** Where it is read into. */
  #memory: SharedArrayBuffer | undefined;
  #points: PointIndex | undefined;
  /** The error of reading it. */
  #failure: unknown;
  /** Whether it was read synchronously while the background read was in flight. */
  #isRead = false;
  /** Size of an index that is being read. */
  pendingBytes = 0;
  #readsWithout = 0;
  #askAt = 0;

  constructor(meta: RunMeta, { loadPoints, mayHold = () => true }: AwaitedPointsOptions) {
    this.#meta = meta;
    this.#load = loadPoints;
    this.#mayHold = mayHold;
  }

  /** Starts reading a large index in the background, if there is room. */
  begin(): void {
    const bytes = BYTES_A_RECORD * this.#meta.records;
    if (bytes > READ_AT_ONCE_BYTES && this.#mayHold(bytes)) this.#begin(bytes);
  }

  /**
   * The index, of `bytes`; `undefined` while it is being read, or has no room. Throws the error that kept
   * it from being read.
   */
  points(bytes: number, readNow: () => PointIndex): PointIndex | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#points === undefined && this.#memory !== undefined) {
      this.#points = published(this.#memory);
    }
    if (this.#points !== undefined) return this.#points;
    const reads = ++this.#readsWithout;
    if (reads < this.#askAt) return undefined;
    if (this.#loading === undefined && !this.#mayHold(bytes)) {
      this.#askAt = reads + REFUSED_READS;
      return undefined;
    }
    const isShort = this.#load === undefined || bytes <= READ_AT_ONCE_BYTES;
    if (isShort || reads > bytes / BYTES_A_READ) {
      this.#isRead = true;
      this.pendingBytes = 0;
      return readNow();
    }
    this.#begin(bytes);
    return undefined;
  }

  #begin(bytes: number): void {
    if (this.#loading !== undefined || this.#load === undefined) return;
    this.pendingBytes = bytes;
    this.#memory = sharedMemory(bytes);
    this.#loading = this.#load(this.#meta, this.#memory).then(
      (points) => {
        if (!this.#isRead) this.#points = points;
      },
      (error: unknown) => {
        this.pendingBytes = 0;
        this.#failure = error;
      },
    );
  }
}
