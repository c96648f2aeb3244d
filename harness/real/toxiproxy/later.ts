/**
 * Timers for any number of milliseconds. A plain timer of more than 2^31 - 1 ms fires at once; this
 * one waits in steps.
 */
const STEP_MS_MAX = 2 ** 31 - 1;

export interface Later {
  timer: NodeJS.Timeout;
}

/** Calls `run` after `ms` milliseconds; at once for a negative number. */
export function later(ms: number, run: () => void): Later {
  const due = performance.now() + Math.max(0, ms);
  const arm = (): NodeJS.Timeout => {
    const left = Math.max(0, due - performance.now());
    if (left <= STEP_MS_MAX) return setTimeout(run, left);
    return setTimeout(() => {
      made.timer = arm();
    }, STEP_MS_MAX);
  };
  const made: Later = { timer: arm() };
  return made;
}

export function cancelLater(one: Later | undefined): void {
  clearTimeout(one?.timer);
}
