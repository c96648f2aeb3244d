import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'network-counter',
  why: 'Every acknowledged addition counts once while responses are lost after the commit and requests are resent.',
  workload: 'counter',
  plan: {
    kind: 'network',
    clients: 5,
    rate: 30,
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
    'kill-one',
    'lossy-links',
    'pause-one',
    'slow-links',
  ],
  checkers: ['counter'],
  expect: 'holds',
  limitSeconds: 120,
});
