import { describe, expect, it } from 'vitest';
import { BENCH_TRIALS } from './bench-trials.ts';

describe('the benchmark on trial', () => {
  it.each(Object.entries(BENCH_TRIALS))(
    '%s are judged as they are',
    async (_name, trial) => {
      expect(await trial(20260303)).toBeUndefined();
    },
    300_000,
  );
});
