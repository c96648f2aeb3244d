import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'supernode-1m',
  why: 'The cost of changing one edge does not grow with the degree, up to a vertex of one million edges with default settings.',
  workload: 'none',
  plan: { kind: 'supernode', edges: 1_000_000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 1800,
});
