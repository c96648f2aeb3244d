import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-sockets',
  why: 'Unauthenticated connections to a real server send malformed request lines, invalid and endless HTTP/2 frames and partial requests, and leave responses unread. The process must survive, stay within its limits, keep serving a well-behaved client, and shut down on time.',
  workload: 'none',
  plan: { kind: 'hostile-sockets', rounds: 1 },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 180,
});
