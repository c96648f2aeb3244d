import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'growth-100m',
  why: 'Growth to 100 million records and 3 million single-record commits, the size for which the bars of the checklists are stated.',
  workload: 'none',
  plan: { kind: 'growth', records: 100_000_000, commits: 3_000_000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 3600,
  memoryBytes: 16 * 2 ** 30,
});
