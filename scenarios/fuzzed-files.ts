import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'fuzzed-files',
  why: 'Whatever bytes a log, a run or a manifest holds, the process goes on: each call ends in what was written or in a typed error, also when every checksum fits what was forged.',
  workload: 'none',
  plan: { kind: 'fuzz', files: 4000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
