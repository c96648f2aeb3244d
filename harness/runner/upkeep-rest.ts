/**
 * What a store does that is left alone: it merges what reads would have to ask one by one, though
 * nobody writes any more, and then it is quiet.
 */
import type { DirectStore } from '../sim/direct-store.ts';
import type { Scheduler } from '../sim/scheduler.ts';

const REST_MS = 60_000;
/** Events that may go by while nothing is asked of a store for a minute. */
const REST_EVENTS_MAX = 20_000;
/** Too few for a merge that is due under load. */
const ROUNDS = 2;

export interface RestParts {
  readonly store: DirectStore;
  readonly scheduler: Scheduler;
  /** Files beside the log. */
  runs(): number;
  /** Overwrites as much as the store holds. */
  overwriteAll(): Promise<void>;
}

/** Answers what is wrong, if anything is. */
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
