import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,harness,scenarios,reports}/**/*.test.ts'],
    // Only to end a test that hangs: a loaded machine may be ten times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Vitest leaves a processor free, which on two is half of the machine; tests wait for processes often.
    maxWorkers: Math.max(2, availableParallelism()),
    // Many tests start processes, and each would compile the whole harness.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    setupFiles: ['./vitest.setup.ts'],
  },
});
