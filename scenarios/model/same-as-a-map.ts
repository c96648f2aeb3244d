import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-as-a-map',
  why: 'Every answer, of the current state and of old snapshots, matches an in-memory map after the same operations, with keys and values of every size, through closes, kills and power cuts.',
  workload: 'none',
  plan: { kind: 'model', seeds: 40, operations: 600 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
