import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-set',
  why: 'Acknowledged writes survive network partitions, pauses and kills.',
  workload: 'durable-set',
  plan: {
    kind: 'network',
    clients: 6,
    rate: 30,
    quietMs: 1500,
    faultMs: 9500,
    lastsMs: 1500,
    restMs: 900,
    atATime: 1,
    healMs: 3000,
    timeoutMs: 2000,
  },
  faults: [
    'partition-majority',
    'partition-one-way',
    'partition-primary',
    'partition-ring',
    'kill-one',
    'kill-primary',
    'pause-primary',
  ],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 120,
});
