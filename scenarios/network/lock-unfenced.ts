import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'lock-unfenced',
  why: 'Without fencing, a lock holder that was paused past its lease must be seen to overwrite the writes of the next holder.',
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
