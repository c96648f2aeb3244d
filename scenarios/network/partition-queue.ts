import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-queue',
  why: 'Every enqueued element is dequeued once under network partitions.',
  workload: 'queue',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 30,
    quietMs: 1500,
    faultMs: 9500,
    lastsMs: 1800,
    restMs: 900,
    atATime: 1,
    healMs: 3000,
    timeoutMs: 2000,
  },
  faults: ['partition-majority', 'partition-one-way', 'partition-primary', 'partition-ring'],
  checkers: ['total-queue'],
  expect: 'holds',
  limitSeconds: 120,
});
