import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-register',
  why: 'After a power cut no key shows an overwritten value, and no value that was read is taken back.',
  workload: 'register',
  plan: { kind: 'crash-states', states: 5000, operations: 80, clients: 4, everyStep: 1 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['recency', 'linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
