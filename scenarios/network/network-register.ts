import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'network-register',
  why: 'Registers stay linearizable while client links break in every way, responses are lost after the commit, and the server is paused and killed.',
  workload: 'register',
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
    'client-slow-close',
    'kill-one',
    'lossy-links',
    'narrow-links',
    'pause-one',
    'slow-links',
  ],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 90,
});
