import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-append',
  why: 'Transactions stay strict serializable under network partitions.',
  workload: 'list-append',
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
  checkers: ['strict-serializable'],
  expect: 'holds',
  limitSeconds: 120,
});
