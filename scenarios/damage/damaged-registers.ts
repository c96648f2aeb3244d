import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'damaged-registers',
  why: 'A point read of a damaged run is right or refused, also when it reads one record without the rest of its block.',
  workload: 'register',
  workloadOptions: { keys: 60, payloadBytes: 40 },
  plan: { kind: 'damage', faults: 2000, operations: 200, clients: 4 },
  faults: [],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 60,
});
