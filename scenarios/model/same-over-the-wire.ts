import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-over-the-wire',
  why: 'Every call matches an in-memory map through the server and its client, and no buffer of the caller is kept, across restarts of the server; an interrupted stream reports its progress.',
  workload: 'none',
  plan: { kind: 'remote-model', seeds: 2, operations: 300 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
