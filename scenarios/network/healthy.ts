import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'healthy',
  why: 'Without faults no checker may report a violation: it would be a false alarm.',
  workload: 'register',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 30,
    quietMs: 5000,
    faultMs: 1,
    lastsMs: 1,
    restMs: 1,
    atATime: 1,
    healMs: 500,
    timeoutMs: 2000,
  },
  faults: [],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
