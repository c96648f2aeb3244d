import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'append-write-skew',
  why: 'Write skew, which snapshot isolation allows, must be found on this engine. Otherwise finding none elsewhere proves nothing.',
  workload: 'list-append',
  workloadOptions: { keys: 3 },
  plan: { kind: 'seeds', seeds: 10, operations: 300, clients: 6 },
  faults: [],
  checkers: ['strict-serializable'],
  expect: { mustFind: ['G2-item'] },
  limitSeconds: 120,
});
