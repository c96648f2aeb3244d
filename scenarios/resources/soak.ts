import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'soak',
  why: 'Every answer is right, and memory, handles and disk use stay bounded, under mixed load for a long time with kills and restarts. Availability is measured.',
  workload: 'none',
  plan: { kind: 'soak', seconds: 180, lifeSeconds: 60, keys: 20_000, clients: 8 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 600,
});
