import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'power-cuts-failed-syncs',
  why: 'Acknowledged writes survive a power cut after failed syncs: a failed sync fails the writes that wait for it.',
  workload: 'none',
  plan: { kind: 'power-cuts', cycles: 2, records: 150, fault: 'sync-eio' },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 60,
});
