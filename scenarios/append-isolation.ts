import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-isolation',
  why: 'Which isolation the store really gives is read off the lists that its transactions append to: snapshots that agree with real time.',
  workload: 'list-append',
  plan: { kind: 'seeds', seeds: 30, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
