import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'storm-append',
  why: 'Faults come together: a disk that fails while the power goes, a clock that jumps while clients are cut off. What clients saw must still be one history of snapshots, and when it is over the store must serve.',
  workload: 'list-append',
  plan: { kind: 'storms', seeds: 120, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
