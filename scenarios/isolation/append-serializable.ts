import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-serializable',
  why: 'Serializable transactions have one order that agrees with real time, in every seeded interleaving.',
  workload: 'list-append',
  plan: { kind: 'seeds', seeds: 30, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strict-serializable'],
  expect: 'holds',
  limitSeconds: 120,
});
