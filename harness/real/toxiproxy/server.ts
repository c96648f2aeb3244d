/** The embedded Toxiproxy as one object: its HTTP server and its proxies. */
import { createServer } from 'node:http';
import { handle } from './api.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from './defaults.ts';
import { Proxies } from './proxies.ts';

export interface ToxiproxyOptions {
  readonly host?: string;
  /** 0 for any free one. */
  readonly port?: number;
  readonly seed?: number;
  /** Whether `/metrics` answers. */
  readonly metrics?: boolean;
}

export interface RunningToxiproxy {
  readonly url: string;
  readonly proxies: Proxies;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 25_000;

/** Throws an Error when it can't listen there. */
export async function startToxiproxy({
  host = DEFAULT_HOST,
  port = DEFAULT_PORT,
  seed = 1,
  metrics = false,
}: ToxiproxyOptions = {}): Promise<RunningToxiproxy> {
  const proxies = new Proxies(seed, metrics);
  const server = createServer((request, response) => void handle(proxies, request, response));
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  const actual = bound !== null && typeof bound === 'object' ? bound.port : port;
  return {
    url: `http://${host}:${actual}`,
    proxies,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const proxy of proxies.all) proxies.remove(proxy.name);
      await closed;
    },
  };
}
