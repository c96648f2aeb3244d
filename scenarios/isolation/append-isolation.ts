import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-isolation',
  why: 'Transactions under snapshot isolation read from snapshots that agree with real time: list-append histories show no anomaly that the level excludes.',
  workload: 'list-append',
  plan: { kind: 'seeds', seeds: 30, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
