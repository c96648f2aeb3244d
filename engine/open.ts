/** Opens a store: the only way to get a `Database`. */
import { described, invalidArgument, readOut } from './arguments.ts';
import { recover, refuseMissing } from './checkpoint/recovery.ts';
import { Database } from './database.ts';
import type { Env } from './env/env.ts';
import { guardedDisk } from './env/guarded-disk.ts';
import { guardedEnv } from './env/guarded-env.ts';
import { envOfStore, holdDirectory } from './env/held-directory.ts';
import { MemoryBudget } from './memory-budget.ts';
import { checkOptions, type OpenOptions } from './options.ts';

/**
 * Opens the store in `options.directory`, making it when there is none, and recovers it.
 * Throws StoreError `store-locked`, `corruption`, `format-newer`, `format-foreign`,
 * `store-missing`, `invalid-options`, `invalid-argument`, `read-only`, `io` or `disk-full`; then
 * nothing stays open, and no files are left but those of an empty store.
 */
export async function open(world: Env, options: OpenOptions): Promise<Database> {
  refuseNonEnv(world);
  const { memory } = world;
  const asked = checkOptions(options, (bytes) => MemoryBudget.of(memory).limitBytes(bytes));
  const disk = guardedDisk(world.disk);
  if (asked.mustExist) refuseMissing(disk, asked.directory);
  disk.createDirectory(asked.directory);
  const held = holdDirectory(disk, asked.directory);
  const env = guardedEnv(envOfStore(world, held));
  const settings = { ...asked, directory: held.path };
  const lock = env.disk.lock(`${settings.directory}/LOCK`);
  try {
    return new Database(env, settings, lock, await recover(env, settings));
  } catch (error) {
    await env.background.close();
    try {
      lock.release();
    } catch {
      // The first error is the one to report.
    }
    throw error;
  }
}

function refuseNonEnv(world: Env): void {
  const parts = ['disk', 'clock', 'random', 'background'] as const;
  const isEnv = () =>
    typeof world === 'object' && world !== null && parts.every((part) => world[part]);
  if (!readOut('env', invalidArgument, isEnv))
    throw invalidArgument(`env is ${described(world)}, not what nodeEnv() answers`);
}
