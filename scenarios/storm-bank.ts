import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-bank',
  why: 'Faults come together: a disk that fails while the power goes, a clock that jumps while clients are cut off. No money may appear or vanish, no receipt be lost, and when it is over the store must serve.',
  workload: 'bank',
  plan: { kind: 'storms', seeds: 120, operations: 300, clients: 6 },
  faults: [],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 120,
});
