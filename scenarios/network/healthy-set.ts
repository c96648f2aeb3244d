import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'healthy-set',
  why: 'Without faults no checker may report a violation: it would be a false alarm.',
  workload: 'durable-set',
  workloadOptions: { groupMax: 1 },
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
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 120,
});
