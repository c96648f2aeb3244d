/** The real clock. Timers are unreferenced: a store left open never keeps a process alive. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';

export const nodeClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  rest: (ms, awaited) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      if (!awaited) timer.unref();
    }),
};
