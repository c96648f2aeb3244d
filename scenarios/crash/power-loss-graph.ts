import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-graph',
  why: 'No edge dangles and every degree is right after a power cut within any graph change.',
  workload: 'graph-churn',
  plan: { kind: 'crash-states', states: 5000, operations: 80, clients: 4, everyStep: 1 },
  faults: [
    'power-loss-clean',
    'power-loss-late',
    'power-loss-torn',
    'power-loss-garbage',
    'kill-then-power-loss',
    'failed-sync-then-power-loss',
  ],
  checkers: ['graph-invariant'],
  expect: 'holds',
  limitSeconds: 120,
});
