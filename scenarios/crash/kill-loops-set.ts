import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-set',
  why: 'Acknowledged writes survive SIGKILL at any instant.',
  workload: 'durable-set',
  plan: { kind: 'kill-loops', loops: 110, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 150,
});
