import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-set',
  why: 'Acknowledged writes survive a power cut at any instant, and every transaction survives whole or not at all.',
  workload: 'durable-set',
  plan: { kind: 'crash-states', states: 6000, operations: 60, clients: 4, everyStep: 2 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 120,
});
