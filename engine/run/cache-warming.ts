/**
 * CacheWarming: reads the blocks of runs into the cache before they are asked for, newest run first,
 * in short steps with rests between, as long as the cache has room and nobody writes. It begins a
 * moment after the store was opened or a run was written, and ends when all is there.
 *
 * Reads do not depend on it: a read that misses a block loads it and its neighbours.
 */
import type { Clock, Timer } from '../env/clock.ts';
import type { BlockCache } from './block-cache.ts';
import { RunReader } from './run-reader.ts';
import type { TreeRun } from './tree-run.ts';

/** Bytes per step, about 0.1 ms. */
const STEP_BYTES = 128 * 1024;
/** And no more than this share of the cache. */
const STEP_SHARE = 1 / 64;
/** Pause after a step: this multiple of its duration, and at least `PAUSE_MIN_MS`. */
const PAUSE_FACTOR = 4;
const PAUSE_MIN_MS = 1;
/** Time without writes before warming starts. */
const QUIET_MS = 100;

export interface WarmingParts {
  readonly clock: Clock;
  readonly cache: BlockCache;
  /** Oldest first. */
  readonly tree: { readonly runs: readonly TreeRun[] };
  readonly log: { readonly lastLsn: number };
}

export class CacheWarming {
  readonly #parts: WarmingParts;
  readonly #stepBlocks: number;
  /** The next block of each run that is not read yet; gone with the run. */
  readonly #next = new WeakMap<RunReader, number>();
  #timer: Timer | undefined;
  #isWarming = false;
  #isOver = false;

  constructor(parts: WarmingParts) {
    this.#parts = parts;
    const { mostBytes, frameBytes } = parts.cache;
    const stepBytes = Math.min(STEP_BYTES, STEP_SHARE * mostBytes);
    this.#stepBlocks = Math.max(1, Math.floor(stepBytes / frameBytes));
  }

  /** Called when runs or writes have changed. */
  begin(): void {
    if (this.#isOver || this.#isWarming || this.#timer !== undefined) return;
    const { clock, log } = this.#parts;
    const { lastLsn } = log;
    this.#timer = clock.after(QUIET_MS, () => {
      this.#timer = undefined;
      if (log.lastLsn !== lastLsn) this.begin();
      else void this.#warm();
    });
  }

  /** Stops reading: the store is closing. */
  end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #warm(): Promise<void> {
    const { clock, log } = this.#parts;
    const { lastLsn } = log;
    this.#isWarming = true;
    try {
      for (;;) {
        const began = clock.monotonicMs();
        if (this.#isOver || !this.#step()) return;
        const restMs = Math.max(PAUSE_MIN_MS, PAUSE_FACTOR * (clock.monotonicMs() - began));
        await clock.rest(restMs, false);
        if (log.lastLsn !== lastLsn) break;
      }
    } catch {
      return; // a read of those blocks reports the error itself
    } finally {
      this.#isWarming = false;
    }
    this.begin();
  }

  /** Reads a few blocks; returns whether there were any, with room for them. */
  #step(): boolean {
    const { cache, tree } = this.#parts;
    if (!cache.hasRoom(this.#stepBlocks)) return false;
    const run = tree.runs.findLast(
      (one): one is RunReader =>
        one instanceof RunReader && (this.#next.get(one) ?? 0) < one.blocks,
    );
    if (run === undefined) return false;
    const first = this.#next.get(run) ?? 0;
    const end = Math.min(run.blocks, first + this.#stepBlocks);
    run.warm(first, end);
    this.#next.set(run, end);
    return true;
  }
}
