import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'doubled-requests',
  why: 'Each write is applied once, in order, and every definite error is true, when a request and its retry both arrive: during the first one, after its result was pruned, after its session ended, after a crash.',
  workload: 'none',
  plan: { kind: 'doubled-requests', seeds: 6, requests: 60 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
