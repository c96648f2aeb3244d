import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'compression',
  why: 'Compressed runs return every record and take clearly fewer bytes than plain ones, for repetitive records. Processor time is measured.',
  workload: 'none',
  plan: { kind: 'compression', records: 6000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
