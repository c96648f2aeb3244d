import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-register',
  why: 'Single keys stay linearizable and acknowledged writes stay readable through a storm of crashes with long uptimes between them.',
  workload: 'register',
  plan: {
    kind: 'storms',
    seeds: 30,
    operations: 2000,
    clients: 8,
    crashEveryMs: 4000,
    thinkMs: 150,
  },
  faults: [],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
