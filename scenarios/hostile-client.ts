import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-client',
  why: 'A client that behaves well is served beside clients that stop reading, abandon ingests and transactions, hoard sessions and send invalid requests. What they hold is bounded, and is given back.',
  workload: 'none',
  plan: { kind: 'hostile-clients', seeds: 2, clients: 20, operations: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
