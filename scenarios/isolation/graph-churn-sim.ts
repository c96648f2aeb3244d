import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'graph-churn-sim',
  why: 'No edge dangles: adding an edge and removing its end at the same time never both commit.',
  workload: 'graph-churn',
  workloadOptions: { vertices: 6 },
  plan: { kind: 'seeds', seeds: 20, operations: 300, clients: 6 },
  faults: [],
  checkers: ['graph-invariant'],
  expect: 'holds',
  limitSeconds: 120,
});
