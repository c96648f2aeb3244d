import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'damaged-files',
  why: 'A flipped bit or a truncated file must be found and refused; it must never crash the process or pass as good data.',
  workload: 'durable-set',
  plan: { kind: 'damage', faults: 4000, operations: 80, clients: 4 },
  faults: [],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 60,
});
