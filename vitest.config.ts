import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,harness,scenarios,reports}/**/*.test.ts'],
    // Only to end a test that hangs: a loaded machine may be ten times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    setupFiles: ['./vitest.setup.ts'],
  },
});
