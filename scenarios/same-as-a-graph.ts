import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-as-a-graph',
  why: 'A graph store keeps every edge twice and counts them a third time: whatever it answers of vertices, edges and neighbours, a graph of plain maps that was told the same says too.',
  workload: 'none',
  plan: { kind: 'graph-model', seeds: 20, operations: 400 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
