import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-append',
  why: 'Histories stay snapshot isolated in real time, and the store recovers, under simultaneous crashes, disk errors, clock jumps and network faults.',
  workload: 'list-append',
  plan: { kind: 'storms', seeds: 120, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
