/** Planted bugs of what a server does for connections, before and after its calls: only real sockets see them. */
import type { Mutant } from '../mutant.ts';

const SOCKETS = {
  scenario: 'hostile-sockets',
  target: 'engine-client',
  settings: { segmentBytes: 65536, blockBytes: 4096, cacheBytes: 1048576 },
} as const;

export const SOCKET_MUTANTS: readonly Mutant[] = [
  {
    name: 'odd-request-line-ends-the-process',
    area: 'server',
    doc: 'a request line that names no URL is thrown out of the handler of the health port',
    file: 'engine/server/health.ts',
    find: '    request.resume(); // a body means nothing here\n',
    replace: "    new URL(request.url ?? '/', 'http://host');\n    request.resume();\n",
    ...SOCKETS,
  },
  {
    name: 'endless-requests-keep-others-out',
    area: 'server',
    doc: 'requests that never end hold all connections of the health port, and the next is refused',
    file: 'engine/server/health.ts',
    find: '  new Connections(nodeClock, { max: CONNECTIONS_MAX, idleMs: REQUEST_MS }).watch(server);\n',
    replace: '  server.maxConnections = CONNECTIONS_MAX;\n',
    ...SOCKETS,
  },
  {
    name: 'half-sent-requests-stay',
    area: 'server',
    doc: 'a request that does not arrive whole is waited for as long as its connection is open',
    file: 'engine/server/call-watch.ts',
    find: '              if (!method.requestStream) arrived = hold(receiving, limits.receiveMs, lost);\n',
    replace: '',
    ...SOCKETS,
  },
  {
    name: 'silent-connections-stay',
    area: 'server',
    doc: 'a connection that never makes a request is kept forever',
    file: 'engine/server/connections.ts',
    find: '      this.#leases.evictIdleFor(this.#idleMs);\n',
    replace: '',
    ...SOCKETS,
  },
  {
    name: 'connections-without-number',
    area: 'server',
    doc: 'as many connections are held as anybody opens',
    file: 'engine/server/connections.ts',
    find: "max, what: 'connections', evictAfterMs: 0 }",
    replace: "max: 1e9 * max, what: 'connections', evictAfterMs: 0 }",
    ...SOCKETS,
  },
  {
    name: 'unread-answers-stay',
    area: 'server',
    doc: 'an answer that its client does not take is kept as long as the connection is open',
    file: 'engine/server/call-watch.ts',
    find: '      const giveUp = () => connections.drop(peer);\n',
    replace: '      const giveUp = () => undefined;\n',
    ...SOCKETS,
  },
];
