import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-register',
  why: 'Long lives between the crashes, and single keys that must be linearizable through all of it: what was acknowledged is read, by everyone, for ever.',
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
