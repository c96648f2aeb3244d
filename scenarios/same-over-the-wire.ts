import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-over-the-wire',
  why: 'Through its server and client a store answers as a plain map does, whatever call is used, and keeps none of the memory that it was lent; what stops halfway says how far it came.',
  workload: 'none',
  plan: { kind: 'remote-model', seeds: 2, operations: 300 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
