import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'one-timeline',
  why: 'What a store acknowledged is one timeline across all its lives: a crash takes no more than the durability mode allows, recovery reports what happened, no timestamp is given out twice, and transactions and ranges see their snapshot while it is flushed and merged away under them.',
  workload: 'none',
  plan: { kind: 'timeline', seeds: 40, operations: 500 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
