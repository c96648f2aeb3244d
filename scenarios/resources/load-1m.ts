import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'load-1m',
  why: 'Loading speed: 1,000,000 records of 16 + 100 bytes in random order, beside SQLite in the same run.',
  workload: 'none',
  plan: { kind: 'load', records: 1_000_000, peerRecords: 1_000_000, batch: 1000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 150,
});
