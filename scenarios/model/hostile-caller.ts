import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-caller',
  why: 'Two stores in one process match their in-memory models and release all unused memory, while the caller reuses its buffers, overwrites results, leaves ranges open and calls after the close.',
  workload: 'none',
  plan: { kind: 'hostile', seeds: 12, operations: 500 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
