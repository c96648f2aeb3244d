import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-register',
  why: 'A process killed under load, restarted at once and read, over and over: nothing acknowledged may be lost.',
  workload: 'register',
  plan: { kind: 'kill-loops', loops: 30, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['recency', 'linearizable-registers'],
  expect: 'holds',
  limitSeconds: 150,
});
