import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'failover-loses',
  why: 'Asynchronous replication must be seen to lose acknowledged writes when a replica that lags takes over.',
  workload: 'durable-set',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 60,
    quietMs: 1500,
    faultMs: 1000,
    lastsMs: 1000,
    restMs: 0,
    atATime: 1,
    healMs: 5000,
    timeoutMs: 2000,
  },
  faults: ['lose-failover'],
  checkers: ['durability'],
  expect: { mustFind: ['lost'] },
  limitSeconds: 120,
});
