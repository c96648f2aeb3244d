import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'stale-reads',
  why: 'Reads that one member answers alone must be seen to be stale once it is partitioned. Otherwise finding none elsewhere proves nothing.',
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
