import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'compression',
  why: 'Merged runs are compressed: repetitive records must take clearly fewer bytes than without compression, and read back the same. The cost in processor time is measured.',
  workload: 'none',
  plan: { kind: 'compression', records: 6000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
