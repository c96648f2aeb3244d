import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'repaired-files',
  why: 'A repair is run once in a lifetime, on the day when it matters: whatever was damaged, the store opens after it, is whole, and shows nothing that was never written.',
  workload: 'none',
  plan: { kind: 'repair', faults: 2000, commits: 60 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
