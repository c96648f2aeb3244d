import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,harness,scenarios,reports}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    setupFiles: ['./vitest.setup.ts'],
  },
});
