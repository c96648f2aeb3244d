/** Connection handling of the server, outside its calls. Only tests over real sockets catch these. */
import type { Mutant } from '../mutant.ts';

const SOCKETS = {
  scenario: 'hostile-sockets',
  target: 'engine-client',
  settings: { segmentBytes: 65536, blockBytes: 4096, cacheBytes: 1048576 },
} as const;

const HANDSHAKES = { ...SOCKETS, scenario: 'hostile-handshakes' } as const;
const WATCHED_LATE =
  "  connections.watch({\n    on: (event: string, act: (socket: Socket) => void) =>\n      listener.on(event === 'connection' ? 'secureConnection' : event, act),\n  } as never);\n";

export const SOCKET_MUTANTS: readonly Mutant[] = [
  {
    name: 'odd-request-line-ends-the-process',
    area: 'server',
    doc: "a request line without a valid URL throws out of the health port's handler",
    file: 'engine/server/health.ts',
    find: '    request.resume(); // a body means nothing here\n',
    replace: "    new URL(request.url ?? '/', 'http://host');\n    request.resume();\n",
    ...SOCKETS,
  },
  {
    name: 'endless-requests-keep-others-out',
    area: 'server',
    doc: 'requests that never complete occupy all connections of the health port',
    file: 'engine/server/health.ts',
    find: '  new Connections(nodeClock, { max: CONNECTIONS_MAX, idleMs: REQUEST_MS }).watch(server);\n',
    replace: '  server.maxConnections = CONNECTIONS_MAX;\n',
    ...SOCKETS,
  },
  {
    name: 'half-sent-requests-stay',
    area: 'server',
    doc: 'a partial request has no deadline',
    file: 'engine/server/call-watch.ts',
    find: '              if (!method.requestStream) arrived = hold(receiving, limits.receiveMs, lost);\n',
    replace: '',
    ...SOCKETS,
  },
  {
    name: 'silent-connections-stay',
    area: 'server',
    doc: 'a connection that never sends a request is kept open forever',
    file: 'engine/server/connections.ts',
    find: '      this.#leases.evictIdleFor(this.#idleMs);\n',
    replace: '',
    ...SOCKETS,
  },
  {
    name: 'connections-without-number',
    area: 'server',
    doc: 'the number of connections has no limit',
    file: 'engine/server/connections.ts',
    find: "max, what: 'connections', evictAfterMs: 0 }",
    replace: "max: 1e9 * max, what: 'connections', evictAfterMs: 0 }",
    ...SOCKETS,
  },
  {
    name: 'unread-answers-stay',
    area: 'server',
    doc: 'a response that its client does not read has no deadline',
    file: 'engine/server/call-watch.ts',
    find: '      const giveUp = () => connections.drop(peer);\n',
    replace: '      const giveUp = () => undefined;\n',
    ...SOCKETS,
  },
  {
    name: 'handshake-error-ends-the-process',
    area: 'server',
    doc: 'a failed handshake becomes an uncaught exception',
    file: 'engine/server/server.ts',
    find: "  listener.on('tlsClientError', (_, socket) => socket.destroy());\n",
    replace: "  listener.on('tlsClientError', (error) => {\n    throw error;\n  });\n",
    ...HANDSHAKES,
  },
  {
    name: 'handshakes-without-number',
    area: 'server',
    doc: 'a connection counts towards the limit only after its handshake',
    file: 'engine/server/server.ts',
    find: "  connections.watch(listener);\n  listener.on('tls",
    replace: `${WATCHED_LATE}  listener.on('tls`,
    ...HANDSHAKES,
  },
  {
    name: 'handshakes-never-end',
    area: 'server',
    doc: 'handshakes are limited in number but have no deadline',
    file: 'engine/server/server.ts',
    find: '    handshakeTimeout: HANDSHAKE_MS,\n  });\n  connections.watch(listener);\n',
    replace: `    handshakeTimeout: 2 ** 31 - 1,\n  });\n  listener.maxConnections = 500;\n${WATCHED_LATE}`,
    ...HANDSHAKES,
  },
];
