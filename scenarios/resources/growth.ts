import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'growth',
  why: 'A start after a clean close replays nothing and a start after SIGKILL loses nothing, while a store grows without being configured for its size. The longest write pause is measured.',
  workload: 'none',
  plan: { kind: 'growth', records: 1_000_000, commits: 500_000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 300,
});
