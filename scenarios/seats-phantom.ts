import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'seats-phantom',
  why: 'Under snapshot isolation two who count at the same time both take the last seat: the phantom that users must know of.',
  workload: 'seats',
  plan: { kind: 'seeds', seeds: 30, operations: 200, clients: 8 },
  faults: [],
  checkers: ['seats-bound'],
  expect: { mustFind: ['overbooked'] },
  limitSeconds: 60,
});
