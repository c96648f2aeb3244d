/** Whether a server is ready, its target knows better than a look at its ports. */
import type { WaitStrategy } from 'testcontainers/build/wait-strategies/wait-strategy.js';

export const NO_WAIT: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => NO_WAIT,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 60_000,
};
