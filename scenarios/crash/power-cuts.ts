import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-cuts',
  why: 'Acknowledged writes survive a power cut at any instant.',
  workload: 'none',
  plan: { kind: 'power-cuts', cycles: 4, records: 150 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
