import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'explore-short',
  why: 'Most crash bugs need no more than two operations and a power cut at the right instant, so all of those are tried: every short workload, every step, everything that may be left.',
  workload: 'none',
  plan: { kind: 'explore', length: 2, longer: 0, states: 1_000_000, sectorBytes: 512 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
