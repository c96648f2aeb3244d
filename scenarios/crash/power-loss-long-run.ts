import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-loss-long-run',
  why: 'Acknowledged writes survive power cuts at random steps of a long run, in which flushes, merges and log recycling occur.',
  workload: 'durable-set',
  plan: { kind: 'crash-states', states: 1500, operations: 600, clients: 6, everyStep: 37 },
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
