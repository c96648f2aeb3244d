import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-client',
  why: 'A well-behaved client is served, and held resources are bounded and released, beside clients that stop reading, abandon ingests and transactions, hoard sessions and send invalid requests.',
  workload: 'none',
  plan: { kind: 'hostile-clients', seeds: 2, clients: 20, operations: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
