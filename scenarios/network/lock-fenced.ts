import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'lock-fenced',
  why: 'A write with the fencing token of an expired lock is refused, so no update is lost, however long the lock holder was paused.',
  workload: 'lock-set',
  workloadOptions: { fenced: 1 },
  plan: {
    kind: 'network',
    clients: 6,
    rate: 20,
    quietMs: 1500,
    faultMs: 10000,
    lastsMs: 1500,
    restMs: 500,
    atATime: 1,
    healMs: 3000,
    timeoutMs: 15000,
  },
  faults: ['pause-past-lease', 'partition-one'],
  checkers: ['durability'],
  expect: 'holds',
  limitSeconds: 120,
});
