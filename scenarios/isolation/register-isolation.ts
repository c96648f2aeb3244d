import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'register-isolation',
  why: 'Every acknowledged write is visible to later reads, and no read-modify-write is lost, in every seeded interleaving.',
  workload: 'register',
  plan: { kind: 'seeds', seeds: 20, operations: 300, clients: 6 },
  faults: [],
  checkers: ['recency', 'linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
