import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-bank',
  why: 'The total never changes, no receipt is lost, and the store recovers, under simultaneous crashes, disk errors, clock jumps and network faults.',
  workload: 'bank',
  plan: { kind: 'storms', seeds: 120, operations: 300, clients: 6 },
  faults: [],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 120,
});
