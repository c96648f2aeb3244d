import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'seats-serializable',
  why: 'A rule about a range ("no more than four") holds under serializable isolation, also against rows that were not there when it was read.',
  workload: 'seats',
  plan: { kind: 'seeds', seeds: 30, operations: 200, clients: 8 },
  faults: [],
  checkers: ['seats-bound'],
  expect: 'holds',
  limitSeconds: 60,
});
