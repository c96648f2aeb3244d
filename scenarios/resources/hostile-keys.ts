import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-keys',
  why: 'Answers stay right and no lookup probes more than eight times as many slots as with random keys, even when an adversary who knows the source and the hash seed chooses the keys.',
  workload: 'none',
  plan: {
    kind: 'hostile-keys',
    seeds: 1,
    keys: 560,
    longKeys: 30,
    kinds: ['of one hash', 'side by side in memory', 'side by side in a run', 'of one fingerprint'],
  },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
