import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'bank-isolation',
  why: 'No update is lost and every read sees one consistent state under snapshot isolation, while flushes and merges reclaim versions.',
  workload: 'bank',
  workloadOptions: { accounts: 6, readShare: 40 },
  plan: { kind: 'seeds', seeds: 30, operations: 400, clients: 8 },
  faults: [],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 120,
});
