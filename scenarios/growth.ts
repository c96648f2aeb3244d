import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'growth',
  why: 'A store grows without being configured for it. Its longest write pause is measured. A start after a clean close must replay nothing; a start after SIGKILL must lose nothing.',
  workload: 'none',
  plan: { kind: 'growth', records: 1_000_000, commits: 500_000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 300,
});
