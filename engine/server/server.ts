/**
 * The engine as a server: gRPC for the store, HTTP for health and metrics.
 *
 *     const server = await startServer(store, { port: 7373 });
 *     await server.stop();  // refuses new requests, finishes those that run, closes the store
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Database } from '../database.ts';
import { nodeClock } from '../env/node/clock.ts';
import { nodeDisk } from '../env/node/disk.ts';
import { nodeRandom } from '../env/node/random.ts';
import { type CallWatch, callWatch } from './call-watch.ts';
import { Connections } from './connections.ts';
import { handlers } from './handlers.ts';
import { startHealth } from './health.ts';
import { type Limits, limitsFrom } from './limits.ts';
import { Metrics } from './metrics.ts';
import { DEFAULT_HEALTH_PORT, DEFAULT_PORT } from './ports.ts';
import { StoreService } from './service.ts';
import { verifyInSlices } from './verify-slices.ts';
import { STORE_SERVICE } from './wire.ts';

export interface ServerOptions {
  /** Default 127.0.0.1: every client that reaches the port may do everything. */
  readonly host?: string;
  /** Of gRPC; 0 for any free one. Default 7373. */
  readonly port?: number;
  /** Of health and metrics; 0 for any free one. Default 7374. */
  readonly healthPort?: number;
  readonly limits?: Partial<Limits>;
  /** PEM texts. With `clientAuthority` clients must show a certificate of it. */
  readonly tls?: {
    readonly key: string;
    readonly certificate: string;
    readonly clientAuthority?: string;
  };
}

export interface RunningServer {
  readonly port: number;
  readonly healthPort: number;
  /** Graceful; resolves when the store is closed. A second call waits for the first. */
  stop(): Promise<void>;
}

/** A TLS handshake must be over after this long. */
const HANDSHAKE_MS = 10_000;
/** Connections that the system holds before they are accepted. */
const BACKLOG = 511;

/** Serves `store`, which is closed with the server. Throws an Error when it can't listen. */
export async function startServer(
  store: Database,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { host = '127.0.0.1', port = DEFAULT_PORT, healthPort = DEFAULT_HEALTH_PORT } = options;
  const limits = limitsFrom(options.limits);
  const metrics = new Metrics();
  const service = new StoreService({
    store,
    clock: nodeClock,
    random: nodeRandom,
    limits,
    verify: () => verifyInSlices(nodeDisk(), store.settings.directory),
    finished: (name, outcome, durationMs) => metrics.finished(name, outcome, durationMs / 1000),
  });
  const connections = new Connections(nodeClock, {
    max: limits.connections,
    idleMs: limits.connectionIdleMs,
  });
  const calls = callWatch(nodeClock, limits, connections);
  watchFigures(metrics, store, service, connections, calls);
  const grpc = grpcServer(service, limits, calls);
  const listener = listenerOf(grpc, connections, options.tls);
  const bound = await listen(listener, host, port);
  const health = await startHealth(host, healthPort, metrics, () => service.notReady()).catch(
    (error: unknown) => {
      listener.close();
      grpc.forceShutdown();
      throw error;
    },
  );

  const stop = async () => {
    service.stop();
    listener.close();
    const finished = new Promise<void>((resolve) => grpc.tryShutdown(() => resolve()));
    const late = setTimeout(() => {
      grpc.forceShutdown();
      connections.dropAll();
    }, limits.shutdownMs);
    await finished;
    clearTimeout(late);
    connections.dropAll();
    service.transactions.rollbackAll();
    await store.close();
    health.server.closeAllConnections();
    await new Promise((resolve) => health.server.close(resolve));
  };
  let stopping: Promise<void> | undefined;
  return {
    port: bound,
    healthPort: health.port,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function grpcServer(service: StoreService, limits: Limits, calls: CallWatch): Server {
  const grpc = new Server({
    'grpc.max_receive_message_length': limits.messageBytes,
    'grpc.max_send_message_length': limits.messageBytes,
    'grpc.max_concurrent_streams': limits.streamsPerConnection,
    'grpc.max_connection_idle_ms': limits.connectionIdleMs,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    interceptors: [calls.interceptor],
  });
  grpc.addService(STORE_SERVICE, handlers(service, limits));
  return grpc;
}

/** Accepts connections, bounds them, and hands them to gRPC when they are encrypted, if they must be. */
function listenerOf(grpc: Server, connections: Connections, tls: ServerOptions['tls']): NetServer {
  const { injectConnection } = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  if (tls === undefined) {
    const listener = createServer();
    connections.watch(listener);
    listener.on('connection', injectConnection);
    return listener;
  }
  const { key, certificate, clientAuthority } = tls;
  const listener = createTlsServer({
    key,
    cert: certificate,
    ...(clientAuthority !== undefined && {
      ca: clientAuthority,
      requestCert: true,
      rejectUnauthorized: true,
    }),
    ALPNProtocols: ['h2'],
    handshakeTimeout: HANDSHAKE_MS,
  });
  connections.watch(listener);
  listener.on('tlsClientError', (_, socket) => socket.destroy());
  listener.on('secureConnection', (socket: Socket) => {
    socket.on('error', () => undefined);
    injectConnection(socket);
  });
  return listener;
}

function listen(listener: NetServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port, backlog: BACKLOG }, () => {
      listener.off('error', reject);
      const bound = listener.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
    });
  });
}

function watchFigures(
  metrics: Metrics,
  store: Database,
  service: StoreService,
  connections: Connections,
  calls: CallWatch,
): void {
  const { reads, writes, sessions, transactions, ranges, ingests } = service;
  const both = (of: (admission: typeof reads) => number) => () => of(reads) + of(writes);
  metrics.watch(
    'requests_running',
    'Requests that run',
    both(({ running }) => running),
  );
  metrics.watch(
    'requests_waiting',
    'Requests that wait',
    both(({ waiting }) => waiting),
  );
  metrics.watch(
    'requests_refused',
    'Requests refused, too many waiting',
    both(({ refused }) => refused),
  );
  metrics.watch('receiving', 'Requests that arrive', () => calls.receiving.count);
  metrics.watch('unread', 'Replies not yet read', () => calls.unread.count);
  metrics.watch('connections', 'Connections open', () => connections.count);
  metrics.watch('connections_evicted', 'Idle ones closed', () => connections.evicted);
  metrics.watch('sessions', 'Sessions known', () => sessions.count);
  metrics.watch('transactions', 'Transactions held open', () => transactions.count);
  metrics.watch('transactions_bytes', 'Bytes they hold', () => transactions.bytes);
  metrics.watch('ranges', 'Range streams held open', () => ranges.count);
  metrics.watch('ranges_evicted', 'Those given up for others', () => ranges.evicted);
  metrics.watch('ingests', 'Ingest streams held open', () => ingests.count);
  const { maintenanceFailure: _, logFailure: __, ...figures } = store.stats();
  for (const name of Object.keys(figures) as (keyof typeof figures)[]) {
    const word = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    metrics.watch(`store_${word}`, `The store's ${word.replaceAll('_', ' ')}`, () => {
      const value = store.stats()[name];
      return typeof value === 'number' ? value : 0;
    });
  }
}
