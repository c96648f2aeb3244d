/** None: for plans that choose their operations themselves. Does nothing as a workload. */
import { defineWorkload } from '../contract/workload.ts';

export default defineWorkload({
  name: 'none',
  doc: 'nothing: the plan chooses what is done',
  needs: [],
  options: {},
  create: () => ({
    setup: async () => undefined,
    next: () => ({ f: 'none', value: null }),
    invoke: async () => null,
    finalReads: [],
  }),
});
