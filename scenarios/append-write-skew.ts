import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-write-skew',
  why: 'Snapshot isolation allows write skew. A harness that can not show it on this engine could not be believed when it shows none elsewhere.',
  workload: 'list-append',
  workloadOptions: { keys: 3 },
  plan: { kind: 'seeds', seeds: 10, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strict-serializable'],
  expect: { mustFind: ['G2-item'] },
  limitSeconds: 120,
});
