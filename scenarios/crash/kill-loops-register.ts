import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-register',
  why: 'Registers stay linearizable across SIGKILL at any instant.',
  workload: 'register',
  plan: { kind: 'kill-loops', loops: 30, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['recency', 'linearizable-registers'],
  expect: 'holds',
  limitSeconds: 150,
});
