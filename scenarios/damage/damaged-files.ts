import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'damaged-files',
  why: 'Damage is found and refused, never served, and never ends the process: flipped bits and truncated files.',
  workload: 'durable-set',
  plan: { kind: 'damage', faults: 4000, operations: 80, clients: 4 },
  faults: [],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 60,
});
