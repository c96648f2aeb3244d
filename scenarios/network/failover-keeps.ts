import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'failover-keeps',
  why: 'Every acknowledged write survives a failover, whichever node becomes primary.',
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
    healMs: 4000,
    timeoutMs: 2000,
  },
  faults: ['promote-behind'],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 120,
});
