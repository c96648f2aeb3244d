import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-as-a-map',
  why: 'Keys and values of every size, asked for in every way there is, now and as of a snapshot from long ago: whatever a store answers, a plain map that was told the same says too.',
  workload: 'none',
  plan: { kind: 'model', seeds: 40, operations: 600 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
