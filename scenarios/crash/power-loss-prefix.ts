import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-prefix',
  why: 'Without waiting for the disk, a power cut loses the last commits only: what remains is a prefix in commit order.',
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
