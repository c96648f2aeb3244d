import { defineScenario } from '../../harness/contract/scenario.ts';

export default defineScenario({
  name: 'hostile-handshakes',
  why: 'Unauthenticated connections to a real server with TLS send parts of handshakes, other bytes in their place, or nothing, by the thousand; within TLS they send what hostile-sockets sends. The process must survive, bound its memory and open sockets, end what stays unfinished, keep serving a well-behaved client, and shut down on time.',
  workload: 'none',
  plan: { kind: 'hostile-sockets', rounds: 1, tls: true },
  faults: [],
  checkers: [],
  expect: 'holds',
  limitSeconds: 600,
});
