import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-as-a-graph',
  why: 'Every answer about vertices, edges, degrees and neighbours matches an in-memory graph after the same operations, through closes, kills, power cuts and concurrent changes of the same vertices.',
  workload: 'none',
  plan: { kind: 'graph-model', seeds: 12, operations: 300 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
