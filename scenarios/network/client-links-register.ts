import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'client-links-register',
  why: 'Registers stay linearizable while client links break and other nodes slow down, without a failover.',
  workload: 'register',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 40,
    quietMs: 1500,
    faultMs: 9000,
    lastsMs: 900,
    restMs: 400,
    atATime: 1,
    healMs: 2500,
    timeoutMs: 2000,
  },
  faults: [
    'client-cut-after-bytes',
    'client-half-open',
    'client-resets',
    'client-slow-close',
    'narrow-links',
    'slow-links',
  ],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
