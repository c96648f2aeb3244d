import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'network-append-snapshot',
  why: 'Transactions stay snapshot isolated in real time while connections break and the server is paused and killed.',
  workload: 'list-append',
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
  checkers: ['strong-snapshot-isolation'],
  expect: 'holds',
  limitSeconds: 120,
});
