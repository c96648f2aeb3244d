import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-set-seen',
  why: 'No guarantee is claimed: reports what happens to acknowledged writes under partitions, pauses and kills.',
  workload: 'durable-set',
  workloadOptions: { groupMax: 1 },
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
    'pause-primary',
  ],
  checkers: ['durability'],
  expect: 'may-find',
  limitSeconds: 120,
});
