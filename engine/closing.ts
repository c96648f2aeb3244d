/**
 * Closes a store in dependency order and within `CLOSE_MAX_MS`, even if a device or a worker hangs.
 *
 * Invariants:
 * 1. Never rejects. What could not be flushed is in the log, as durable as its mode promises.
 * 2. The lock is released last. After that the guarded disk refuses every call of unfinished work.
 */
import type { Maintenance } from './compaction/maintenance.ts';
import type { Clock } from './env/clock.ts';
import type { DiskLock } from './env/disk.ts';
import type { Env } from './env/env.ts';
import type { StoreMemory } from './store-memory.ts';
import type { Tree } from './tree.ts';
import type { Log } from './wal/log.ts';

/** Limit of a flush at close: a slow disk needs seconds, a hung device never finishes. */
const FLUSH_MAX_MS = 60_000;
const WORKERS_MAX_MS = 10_000;
export const CLOSE_MAX_MS = FLUSH_MAX_MS + WORKERS_MAX_MS;

export interface ClosingParts {
  readonly env: Env;
  readonly lock: DiskLock;
  readonly log: Log;
  readonly tree: Tree;
  readonly maintenance: Maintenance;
  readonly memory: StoreMemory;
}

export async function closeInOrder(parts: ClosingParts): Promise<void> {
  const { env, lock, log, tree, maintenance, memory } = parts;
  const flushed = log.close().then(() => maintenance.close());
  await within(env.clock, FLUSH_MAX_MS, flushed);
  const ended = env.background.close().then(() => Promise.all([flushed, maintenance.ended()]));
  await within(env.clock, WORKERS_MAX_MS, ended);
  for (const run of tree.runs) run.close();
  memory.release();
  try {
    lock.release();
  } catch {
    // The system frees it when the process ends.
  }
}

/** Resolves when `work` settles, or after `limitMs`. */
async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const limit = clock.after(limitMs, resolve);
    const settled = () => {
      limit.cancel();
      resolve();
    };
    work.then(settled, settled);
  });
}
