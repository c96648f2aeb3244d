/**
 * Tests an idle store: it must merge the runs that few writes left behind, and then schedule no more
 * work.
 */
import type { DirectStore } from '../../simulation/sim/direct-store.ts';
import type { Scheduler } from '../../simulation/sim/scheduler.ts';

const REST_MS = 60_000;
/** Events that may go by while nothing is asked of a store for a minute. */
const REST_EVENTS_MAX = 20_000;
/** Fewer flushes than a size-tiered merge needs. */
const ROUNDS = 2;

export interface RestParts {
  readonly store: DirectStore;
  readonly scheduler: Scheduler;
  /** Files beside the log. */
  runs(): number;
  /** Overwrites as much as the store holds. */
  overwriteAll(): Promise<void>;
}

/** Returns a description of the first problem, or undefined. */
export async function restProblem(parts: RestParts): Promise<string | undefined> {
  const { store, scheduler, runs, overwriteAll } = parts;
  await store.compact();
  for (let i = 0; i < ROUNDS; i++) {
    await overwriteAll();
    await store.checkpoint();
  }
  const before = runs();
  const fired = scheduler.fired;
  await scheduler.sleep(REST_MS);
  const events = scheduler.fired - fired;
  if (events > REST_EVENTS_MAX) return `it did ${events} things in a minute of rest`;
  const after = runs();
  if (before <= 2 || after < before) return undefined; // a run and the manifest are merged already
  return `it was left alone with ${before} files beside the log, and has ${after} a minute later`;
}
