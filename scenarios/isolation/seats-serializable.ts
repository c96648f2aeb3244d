import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'seats-serializable',
  why: 'A bound on a range ("at most four") holds under serializable isolation, also against records inserted after it was read.',
  workload: 'seats',
  plan: { kind: 'seeds', seeds: 30, operations: 200, clients: 8 },
  faults: [],
  checkers: ['seats-bound'],
  expect: 'holds',
  limitSeconds: 60,
});
