import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'repaired-files',
  why: 'A repaired store opens, passes verification and shows nothing that was never written, whatever was damaged.',
  workload: 'none',
  plan: { kind: 'repair', faults: 2000, commits: 60 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
