import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'fail-nth',
  why: 'Any call into the environment may fail: the disk, a worker, a timer, a lock. Whichever fails, and however, the error is typed and honest, nothing is left behind, and nothing acknowledged is lost. However full the disk is, the store opens, reads and deletes.',
  workload: 'none',
  plan: { kind: 'fail-nth', seeds: 1, everyCall: 1_000_000, ways: 7, fullDisks: 48, closes: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 1800,
});
