import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'same-as-a-graph',
  why: 'A graph store keeps every edge twice and counts them a third time: whatever it answers of vertices, edges and neighbours, also where several clients change the same ones at once, a graph of plain maps that was told the same says too.',
  workload: 'none',
  plan: { kind: 'graph-model', seeds: 12, operations: 300 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
