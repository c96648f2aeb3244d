import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'fuzzed-files',
  why: 'Every call returns what was written or a typed error, whatever bytes a log, run or manifest holds, also under forged checksums.',
  workload: 'none',
  plan: { kind: 'fuzz', files: 4000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
