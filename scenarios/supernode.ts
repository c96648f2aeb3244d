import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'supernode',
  why: 'One vertex gets very many edges. What a change or a look at one of them asks of the store below must not grow with the degree, and removing the vertex must go in bounded transactions.',
  workload: 'none',
  plan: { kind: 'supernode', edges: 5000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 600,
});
