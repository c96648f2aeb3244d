import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'stale-reads',
  why: 'Reads that one member answers alone are stale once it is cut off. A harness that can not show it could not be believed when it shows none.',
  workload: 'register',
  workloadOptions: { keys: 2 },
  plan: {
    kind: 'network',
    clients: 6,
    rate: 30,
    quietMs: 1500,
    faultMs: 9500,
    lastsMs: 3000,
    restMs: 300,
    atATime: 1,
    healMs: 3000,
    timeoutMs: 2000,
  },
  faults: ['partition-one'],
  checkers: ['linearizable-registers', 'recency'],
  expect: { mustFind: ['stale-read'] },
  limitSeconds: 120,
});
