import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-append',
  why: 'Isolation survives power loss: operations before and after the crash fit one history of snapshots.',
  workload: 'list-append',
  plan: { kind: 'crash-states', states: 3000, operations: 60, clients: 4, everyStep: 3 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
