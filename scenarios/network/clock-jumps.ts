import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'clock-jumps',
  why: 'No guarantee depends on wall clocks: transactions stay correct while clocks jump.',
  workload: 'register',
  plan: {
    kind: 'network',
    clients: 5,
    rate: 30,
    quietMs: 1500,
    faultMs: 9500,
    lastsMs: 1500,
    restMs: 500,
    atATime: 1,
    healMs: 2000,
    timeoutMs: 2000,
  },
  faults: ['clock-bump'],
  checkers: ['linearizable-registers'],
  expect: 'holds',
  limitSeconds: 120,
});
