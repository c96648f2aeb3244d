import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'bench-verdicts',
  why: 'A slower commit, a crashed workload and a wrong value fail a benchmark comparison; equal commits pass. Planted: slowdowns of 10 and 20 %, damaged saved runs, steps in stored runs, stores that lie.',
  workload: 'none',
  plan: { kind: 'bench-verdicts' },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
