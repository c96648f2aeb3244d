import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-caller',
  why: 'A caller reuses its buffers, writes over results, leaves ranges open and calls after the close: two stores of one process still answer as plain maps do, and hold nothing that nobody reads.',
  workload: 'none',
  plan: { kind: 'hostile', seeds: 12, operations: 500 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
