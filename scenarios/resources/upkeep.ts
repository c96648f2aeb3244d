import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'upkeep',
  why: 'Files, handles and memory stay bounded and writes resume after a full disk, under load that would exhaust a leaking store within a month.',
  workload: 'none',
  plan: { kind: 'upkeep', seeds: 5, commits: 600 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 40,
});
