/**
 * The HTTP side: `/health/live` (the process answers), `/health/ready` (it takes requests; 503 with
 * the reason when not) and `/metrics` (Prometheus text).
 *
 * 1. Whatever a request line says, the answer is an HTTP status: nothing of it is thrown.
 * 2. Connections, their headers and their time are bounded. One connection too many closes the oldest:
 *    requests that never end keep nobody out. A connection is for one request, so that none can ask for
 *    many answers at once.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { nodeClock } from '../env/node/clock.ts';
import { Connections } from './connections.ts';
import type { Metrics } from './metrics.ts';

const CONNECTIONS_MAX = 64;
/** From a connection's first byte to the end of its headers. */
const REQUEST_MS = 5000;
const CHECK_MS = 1000;

/** `notReady`: why requests would fail now, if they would. Throws an Error when it can't listen. */
export async function startHealth(
  host: string,
  port: number,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  notReady: () => string | undefined,
): Promise<{ readonly port: number; readonly server: Server }> {
  const options = {
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server = createServer(options, (request, response) => {
    request.resume(); // a body means nothing here
    answer(request.method, request.url, response, metrics, notReady).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else json(response, 500, { error: String((error as Error)?.message ?? error) });
    });
  });
  new Connections(nodeClock, { max: CONNECTIONS_MAX, idleMs: REQUEST_MS }).watch(server);
  server.maxRequestsPerSocket = 1;
  server.setTimeout(REQUEST_MS); // of a connection on which nothing moves
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  return { server, port: bound !== null && typeof bound === 'object' ? bound.port : port };
}

async function answer(
  method: string | undefined,
  target: string | undefined,
  response: ServerResponse,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  notReady: () => string | undefined,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    return json(response, 405, { error: 'method not allowed' });
  }
  switch (pathOf(target)) {
    case '/health/live':
      return json(response, 200, { live: true });
    case '/health/ready': {
      const reason = notReady();
      if (reason !== undefined) return json(response, 503, { ready: false, reason });
      return json(response, 200, { ready: true });
    }
    case '/metrics':
      return text(response, 200, metrics.contentType, await metrics.text());
    case undefined:
      return json(response, 400, { error: 'the request line names no path' });
    default:
      return json(response, 404, { error: 'try /health/live, /health/ready or /metrics' });
  }
}

/** The path of a request target, in origin form or absolute; `undefined` when there is none. */
function pathOf(target = '/'): string | undefined {
  if (target.startsWith('/')) return target.split(/[?#]/, 1)[0];
  return URL.canParse(target) ? new URL(target).pathname : undefined;
}

function json(response: ServerResponse, status: number, body: object): void {
  text(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

function text(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
