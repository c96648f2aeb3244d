import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-graph',
  why: 'Acknowledged graph changes survive SIGKILL at any instant, and no edge dangles.',
  workload: 'graph-churn',
  plan: { kind: 'kill-loops', loops: 40, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['graph-invariant'],
  expect: 'holds',
  limitSeconds: 150,
});
