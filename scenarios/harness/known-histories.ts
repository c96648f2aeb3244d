import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'known-histories',
  why: 'Each checker finds each anomaly it knows, by name, and nothing in a valid history that differs by one event.',
  workload: 'none',
  plan: { kind: 'known-histories' },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
