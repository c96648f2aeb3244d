import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'explore-long',
  why: 'What two operations cannot bring about, four may: workloads drawn at random, crashed at every step.',
  workload: 'none',
  plan: { kind: 'explore', length: 0, longer: 4, states: 10_000, sectorBytes: 512 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
