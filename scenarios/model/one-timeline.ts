import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'one-timeline',
  why: 'Commits form one timeline across all crashes: a crash takes no more than the durability mode allows, recovery reports the truth, no timestamp is reused, and open transactions and ranges keep their snapshots through flushes and merges.',
  workload: 'none',
  plan: { kind: 'timeline', seeds: 40, operations: 500 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
