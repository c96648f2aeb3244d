import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'graph-churn-sim',
  why: 'Adding an edge and removing its end at the same time must not both win: no edge ever dangles.',
  workload: 'graph-churn',
  workloadOptions: { vertices: 6 },
  plan: { kind: 'seeds', seeds: 20, operations: 300, clients: 6 },
  faults: [],
  checkers: ['graph-invariant'],
  expect: 'holds',
  limitSeconds: 120,
});
