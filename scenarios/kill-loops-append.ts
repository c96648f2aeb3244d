import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-append',
  why: 'Serializable stores stay so through crashes: everything clients saw before and after each kill fits one serial order in real time.',
  workload: 'list-append',
  workloadOptions: { keys: 24 },
  plan: { kind: 'kill-loops', loops: 20, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['strict-serializable'],
  expect: 'holds',
  limitSeconds: 150,
});
