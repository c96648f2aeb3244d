import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'doubled-requests',
  why: 'A request whose answer is late is sent again, and both arrive: while the first runs, after its result was pruned, after its session ended, after a crash. Each write is applied once, in order, and an error that says "surely not" is true.',
  workload: 'none',
  plan: { kind: 'doubled-requests', seeds: 6, requests: 60 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
