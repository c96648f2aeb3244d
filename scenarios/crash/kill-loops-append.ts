import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-append',
  why: 'Serializable transactions stay serializable in real time across SIGKILL: operations before and after each kill fit one order.',
  workload: 'list-append',
  workloadOptions: { keys: 24 },
  plan: { kind: 'kill-loops', loops: 20, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['strict-serializable'],
  expect: 'holds',
  limitSeconds: 150,
});
