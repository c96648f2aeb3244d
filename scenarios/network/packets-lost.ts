import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'packets-lost',
  why: 'Registers stay linearizable while single packets between nodes are lost and links are cut in one direction.',
  workload: 'register',
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
  faults: ['packet-loss', 'partition-one-way'],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
