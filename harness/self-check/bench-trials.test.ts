import { describe, expect, it } from 'vitest';
import { BENCH_TRIALS } from './bench-trials.ts';

describe('tests of the benchmark', () => {
  it.each(Object.entries(BENCH_TRIALS))(
    '%s get the expected verdicts',
    async (_name, trial) => {
      expect(await trial(20260303)).toBeUndefined();
    },
    300_000,
  );
});
