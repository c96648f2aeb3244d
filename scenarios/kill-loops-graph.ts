import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-graph',
  why: 'A process killed under load, restarted at once and read, over and over: nothing acknowledged may be lost.',
  workload: 'graph-churn',
  plan: { kind: 'kill-loops', loops: 40, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['graph-invariant'],
  expect: 'holds',
  limitSeconds: 150,
});
