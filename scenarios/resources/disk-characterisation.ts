import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'disk-characterisation',
  why: 'Measures the disk of this machine: sequential and random throughput, and sync latency as p50, p95 and p99. Every block that is read back must be the one written.',
  workload: 'none',
  plan: { kind: 'disk', mebibytes: 64, randomReads: 5000, syncs: 200 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 120,
});
