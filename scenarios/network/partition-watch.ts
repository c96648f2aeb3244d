import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'partition-watch',
  why: 'Watches deliver every write once and in one order, while the members that serve them are partitioned.',
  workload: 'watch',
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
  checkers: ['watch-order'],
  expect: 'holds',
  limitSeconds: 120,
});
