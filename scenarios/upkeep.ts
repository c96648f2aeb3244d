import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'upkeep',
  why: 'A store that is right for a minute may still fill its disk, its memory or its file handles in a month, or stop taking writes after the disk was full once.',
  workload: 'none',
  plan: { kind: 'upkeep', seeds: 5, commits: 600 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 40,
});
