import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'soak',
  why: 'Mixed load on one store for a long time, with kills and restarts between its lives. Every answer is checked; memory, handles and disk use must stay bounded; availability is measured.',
  workload: 'none',
  plan: { kind: 'soak', seconds: 180, lifeSeconds: 60, keys: 20_000, clients: 8 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 600,
});
