import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'disk-characterisation',
  why: 'What the disk of this machine does: throughput in sequence and at random, and what a sync takes, as p50, p95, p99. Every block read back must be the one that was written.',
  workload: 'none',
  plan: { kind: 'disk', mebibytes: 64, randomReads: 5000, syncs: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
