/**
 * Guarded env: wraps an environment in which any call may fail, also by throwing where a promise is due.
 * `open` wraps the environment it is given.
 *
 * 1. Disk: see guarded-disk.ts.
 * 2. `background.run` rejects with a StoreError; `background.close` always resolves.
 * 3. Timers never fail. A refused timer fires right after the caller's turn, and a refused rest ends at once:
 *    no wait lasts forever, and nothing with a deadline comes late.
 *
 * Memory is passed through unwrapped: its identity tells the stores of one process from those of others.
 */
import type { Background } from './background.ts';
import type { Clock, Timer } from './clock.ts';
import type { Env } from './env.ts';
import { guardedDisk, storeErrorOf } from './guarded-disk.ts';

export function guardedEnv(env: Env): Env {
  return {
    disk: guardedDisk(env.disk),
    clock: guardedClock(env.clock),
    random: env.random,
    background: guardedBackground(env.background),
    memory: env.memory,
  };
}

function guardedBackground(background: Background): Background {
  return {
    async run(task, lane) {
      try {
        return await background.run(task, lane);
      } catch (cause) {
        throw storeErrorOf(cause, `run a task of the ${lane} lane`);
      }
    },
    async close() {
      try {
        await background.close();
      } catch {
        // The workers are ending, or never started.
      }
    },
  };
}

function guardedClock(clock: Clock): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    after(delayMs, run) {
      try {
        return clock.after(delayMs, run);
      } catch {
        return atOnce(run);
      }
    },
    async rest(ms, awaited) {
      try {
        await clock.rest(ms, awaited);
      } catch {
        // It is over.
      }
    },
  };
}

function atOnce(run: () => void): Timer {
  let isDue = true;
  void Promise.resolve().then(() => {
    if (isDue) run();
  });
  return {
    cancel() {
      isDue = false;
    },
  };
}
