import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'self-check',
  why: 'A harness that is blind calls everything valid. So it is tried on stores whose guilt is known, and on its own promises.',
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
