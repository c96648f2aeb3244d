import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'network-bank',
  why: 'The total of all accounts never changes while responses are lost after the commit and requests are resent.',
  workload: 'bank',
  plan: {
    kind: 'network',
    clients: 5,
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
    'kill-one',
    'lossy-links',
    'pause-one',
    'slow-links',
  ],
  checkers: ['bank-total'],
  expect: 'holds',
  limitSeconds: 120,
});
