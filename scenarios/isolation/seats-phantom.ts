import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'seats-phantom',
  why: 'Snapshot isolation must be seen to admit phantoms: two clients that count at the same time both take the last seat.',
  workload: 'seats',
  plan: { kind: 'seeds', seeds: 30, operations: 200, clients: 8 },
  faults: [],
  checkers: ['seats-bound'],
  expect: { mustFind: ['overbooked'] },
  limitSeconds: 60,
});
