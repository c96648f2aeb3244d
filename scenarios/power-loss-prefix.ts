import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-prefix',
  why: 'A store that does not wait for the disk may lose its last commits when power is cut, but what remains is a prefix: never a later commit without an earlier one.',
  workload: 'durable-set',
  plan: { kind: 'crash-states', states: 2000, operations: 120, clients: 4, everyStep: 4 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['prefix-consistent'],
  expect: 'holds',
  limitSeconds: 120,
});
