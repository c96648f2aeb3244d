import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'supernode',
  why: 'The cost of changing or reading one edge does not grow with the degree of its vertex, and a vertex is removed in bounded transactions.',
  workload: 'none',
  plan: { kind: 'supernode', edges: 5000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 600,
});
