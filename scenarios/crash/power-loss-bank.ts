import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-bank',
  why: 'The total and the receipts agree in every state that a power cut can leave.',
  workload: 'bank',
  plan: { kind: 'crash-states', states: 6000, operations: 60, clients: 4, everyStep: 1 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 120,
});
