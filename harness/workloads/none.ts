/** None: for plans that choose their operations themselves. Does nothing as a workload. */
import { defineWorkload } from '../contract/workload.ts';

export default defineWorkload({
  name: 'none',
  doc: 'no operations: the plan generates its own',
  needs: [],
  options: {},
  create: () => ({
    setup: async () => undefined,
    next: () => ({ f: 'none', value: null }),
    invoke: async () => null,
    finalReads: [],
  }),
});
