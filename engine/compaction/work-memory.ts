/**
 * WorkMemory: the memory of flushes and merges as the main thread accounts for it: the need of the running
 * task and, between tasks, what the worker keeps for the next.
 */
import type { CompactTask, FlushTask } from './task.ts';

/** While a segment is flushed: where its records are, when they were, in which order, and their slots. */
const FLUSH_SHARE = 1 / 2;
/** While runs are merged, for each key: what its slot is made of, and the slot. */
const MERGE_KEY_BYTES = 23;
/** Each run is read and written through a chunk. */
const CHUNK_BYTES = 2 ** 20;
/** Share of the budget that a worker keeps for its next task, and its upper bound. */
const KEPT_SHARE = 1 / 16;
export const KEPT_MAX_BYTES = 128 * 2 ** 20;

export class WorkMemory {
  readonly #limitBytes: () => number;
  #running = 0;
  #most = 0;

  constructor(limitBytes: () => number) {
    this.#limitBytes = limitBytes;
  }

  get keptBytes(): number {
    return Math.min(KEPT_MAX_BYTES, Math.floor(KEPT_SHARE * this.#limitBytes()));
  }

  get bytes(): number {
    return Math.max(this.#running, Math.min(this.#most, this.keptBytes));
  }

  /** Runs `work`, and counts `bytes` as used while it runs. */
  async during<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    this.#running = bytes;
    this.#most = Math.max(this.#most, bytes);
    try {
      return await work();
    } finally {
      this.#running = 0;
    }
  }
}

/** Working memory of a task, besides inputs in memory. */
export function workOf(task: FlushTask | CompactTask): number {
  if (task.kind === 'flush') return chunk(task.usedBytes) + FLUSH_SHARE * task.usedBytes;
  return task.inputs.reduce(
    (sum, { records, bytes }) => sum + MERGE_KEY_BYTES * records + 2 * chunk(bytes),
    0,
  );
}

function chunk(bytes: number): number {
  return Math.min(CHUNK_BYTES, bytes);
}
