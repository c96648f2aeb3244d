import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-serializable',
  why: 'A store that is told to be serializable must be: lists that transactions append to have one order of all transactions, which agrees with real time.',
  workload: 'list-append',
  plan: { kind: 'seeds', seeds: 30, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strict-serializable'],
  expect: 'holds',
  limitSeconds: 120,
});
