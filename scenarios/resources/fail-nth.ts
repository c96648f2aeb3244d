import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'fail-nth',
  why: 'Every acknowledged write survives, errors are typed and truthful, and nothing leaks, whichever call into the environment fails: disk, worker, timer or lock. However full the disk is, the store opens, reads and deletes.',
  workload: 'none',
  plan: { kind: 'fail-nth', seeds: 1, everyCall: 1_000_000, ways: 7, fullDisks: 48, closes: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 1800,
});
