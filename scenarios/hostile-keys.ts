import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-keys',
  why: 'Whoever chooses the keys, knowing the source and the hash seed, gets right answers, and makes no lookup look at more than eight times the places that keys by chance make it look at.',
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
