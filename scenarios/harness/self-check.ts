import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'self-check',
  why: 'Negative controls: every checker and every fault must catch a store that is known to be broken in that way, and no other.',
  workload: 'durable-set',
  plan: { kind: 'self-check', operations: 60, states: 1500 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
    'kill',
  ],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 240,
});
