import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'compression',
  why: 'Cold data, in runs that were merged, is packed: it must take clearly fewer bytes where records repeat themselves, hardly more where they do not, and be the same when it is read. What it costs in processor time is measured.',
  workload: 'none',
  plan: { kind: 'compression', records: 6000 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
