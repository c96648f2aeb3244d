import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'kill-loops-set',
  why: 'A process killed under load, restarted at once and read, over and over: nothing acknowledged may be lost.',
  workload: 'durable-set',
  plan: { kind: 'kill-loops', loops: 110, clients: 4, killAfterMs: [10, 140] },
  faults: ['kill'],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 150,
});
