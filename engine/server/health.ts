/**
 * The HTTP side: `/health/live` (the process answers), `/health/ready` (it takes requests; 503 with
 * the reason when not) and `/metrics` (Prometheus text).
 */
import { createServer, type Server } from 'node:http';
import type { Metrics } from './metrics.ts';

/** `notReady`: why requests would fail now, if they would. Throws an Error when it can't listen. */
export async function startHealth(
  host: string,
  port: number,
  metrics: Metrics,
  notReady: () => string | undefined,
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const json = (status: number, body: object) =>
      answer(status, 'application/json', `${JSON.stringify(body)}\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return json(405, { error: 'method not allowed' });
    }
    const { pathname } = new URL(request.url ?? '/', 'http://host');
    switch (pathname) {
      case '/health/live':
        return json(200, { live: true });
      case '/health/ready': {
        const reason = notReady();
        if (reason !== undefined) return json(503, { ready: false, reason });
        return json(200, { ready: true });
      }
      case '/metrics':
        return metrics.text().then(
          (text) => answer(200, metrics.contentType, text),
          (error: Error) => json(500, { error: error.message }),
        );
      default:
        return json(404, { error: 'try /health/live, /health/ready or /metrics' });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  return { server, port: bound !== null && typeof bound === 'object' ? bound.port : port };
}
