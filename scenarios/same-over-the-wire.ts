import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-over-the-wire',
  why: 'Through its server and client every call of a store matches an in-memory map, and no buffer of the caller is kept, while connections break; an interrupted stream reports its progress.',
  workload: 'none',
  plan: { kind: 'remote-model', seeds: 2, operations: 300 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
