import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-bank',
  why: 'Acknowledged transfers survive SIGKILL at any instant, and the total never changes.',
  workload: 'bank',
  plan: { kind: 'kill-loops', loops: 30, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 150,
});
