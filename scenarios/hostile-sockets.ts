import { defineScenario } from '../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-sockets',
  why: 'Whoever reaches the ports of a server sends odd request lines, broken and endless HTTP/2, half of a request, and reads no answer. The process lives, its limits hold, a client that behaves well is served, and the server closes in time.',
  workload: 'none',
  plan: { kind: 'hostile-sockets', rounds: 1 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 180,
});
