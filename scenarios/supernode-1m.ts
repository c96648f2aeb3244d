import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'supernode-1m',
  why: 'A vertex of one million edges, in a store with ordinary settings: what a change of one edge costs is flat up to there.',
  workload: 'none',
  plan: { kind: 'supernode', edges: 1_000_000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 1800,
});
