import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'lock-unfenced',
  why: 'A holder that is stopped for longer than its lease still believes that the lock is its own: without fencing it overwrites what others wrote. The harness must see that.',
  workload: 'lock-set',
  workloadOptions: { fenced: 0 },
  plan: {
    kind: 'network',
    clients: 6,
    rate: 20,
    quietMs: 1500,
    faultMs: 10000,
    lastsMs: 100,
    restMs: 300,
    atATime: 1,
    healMs: 3000,
    timeoutMs: 15000,
  },
  faults: ['pause-past-lease'],
  checkers: ['durability'],
  expect: { mustFind: ['lost'] },
  limitSeconds: 200,
});
