import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'resent-batches',
  why: 'A batch that is resent after its response was lost is applied once, even after other clients have overwritten it.',
  workload: 'register',
  workloadOptions: { keys: 2 },
  plan: {
    kind: 'network',
    clients: 6,
    rate: 40,
    quietMs: 500,
    faultMs: 8000,
    lastsMs: 1500,
    restMs: 300,
    atATime: 1,
    healMs: 1000,
    timeoutMs: 2000,
  },
  faults: ['client-cut-after-bytes', 'client-resets'],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
