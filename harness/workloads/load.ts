/** Load: a name for benchmark plans, which drive the store themselves. Does nothing as a workload. */
import { defineWorkload } from '../contract/workload.ts';

export default defineWorkload({
  name: 'load',
  doc: 'records of 16 + 100 bytes in random order, written in batches; for benchmarks',
  needs: [],
  options: {},
  create: () => ({
    setup: async () => undefined,
    next: () => ({ f: 'none', value: null }),
    invoke: async () => null,
    finalReads: [],
  }),
});
