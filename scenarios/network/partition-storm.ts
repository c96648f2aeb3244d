import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-storm',
  why: 'Registers stay linearizable under several faults at once: partitions, slow and broken links, kills, pauses.',
  workload: 'register',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 30,
    quietMs: 1500,
    faultMs: 12000,
    lastsMs: 2000,
    restMs: 1500,
    atATime: 2,
    healMs: 4000,
    timeoutMs: 2000,
  },
  faults: [
    'partition-majority',
    'partition-one-way',
    'partition-primary',
    'partition-ring',
    'client-resets',
    'client-cut-after-bytes',
    'kill-one',
    'pause-one',
    'slow-links',
  ],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
