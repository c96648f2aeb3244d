import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'weak-isolation',
  why: 'Write skew, which snapshot isolation allows, must be found. Otherwise finding none elsewhere proves nothing.',
  workload: 'list-append',
  workloadOptions: { keys: 3 },
  plan: {
    kind: 'network',
    clients: 8,
    rate: 60,
    quietMs: 6000,
    faultMs: 1,
    lastsMs: 1,
    restMs: 1,
    atATime: 1,
    healMs: 500,
    timeoutMs: 2000,
  },
  faults: [],
  checkers: ['strict-serializable'],
  expect: { mustFind: ['G2-item'] },
  limitSeconds: 120,
});
