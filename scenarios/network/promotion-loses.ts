import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'promotion-loses',
  why: 'Promoting a standby that lags must be seen to lose writes that only the primary had acknowledged.',
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
  expect: { mustFind: ['lost'] },
  limitSeconds: 120,
});
