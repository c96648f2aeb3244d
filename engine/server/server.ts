/**
 * The engine as a server: gRPC for the store, HTTP for health and metrics.
 *
 *     const server = await startServer(store, { port: 7373 });
 *     await server.stop();  // refuses new requests, finishes those that run, closes the store
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Database } from '../database.ts';
import { nodeDisk } from '../env/node/disk.ts';
import { verifyStore } from '../verify/verify.ts';
import { Admission } from './admission.ts';
import { type HandlerParts, handlers } from './handlers.ts';
import { startHealth } from './health.ts';
import { type Limits, limitsFrom } from './limits.ts';
import { Metrics } from './metrics.ts';
import { Operations } from './operations.ts';
import { DEFAULT_HEALTH_PORT, DEFAULT_PORT } from './ports.ts';
import { Sessions } from './sessions.ts';
import { ServerError } from './status.ts';
import { Transactions } from './transactions.ts';
import { STORE_SERVICE } from './wire.ts';

export interface ServerOptions {
  /** Default 127.0.0.1: whoever reaches the port may do everything. */
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

const IDLE_CHECKS_PER_TIMEOUT = 10;

/** Serves `store`, which is closed with the server. Throws an Error when it can't listen. */
export async function startServer(
  store: Database,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { host = '127.0.0.1', port = DEFAULT_PORT, healthPort = DEFAULT_HEALTH_PORT } = options;
  const limits = limitsFrom(options.limits);
  const process = randomBytes(4).toString('hex');
  const monotonic = () => performance.now();
  const sessions = new Sessions(store, limits.sessions, limits.sessionIdleMs, monotonic);
  const transactions = new Transactions(store, process, limits.transactions, limits.transactionMs);
  const admission = new Admission(limits.concurrency, limits.queue);
  const metrics = new Metrics();
  watchFigures(metrics, { store, sessions, transactions, admission });
  let stopping: Promise<void> | undefined;
  const refuseIfStopping = () => {
    if (stopping !== undefined) throw new ServerError('shutting-down', 'the server is stopping');
  };
  const operations = new Operations(store, sessions, transactions);
  const others = adminCalls(store, sessions, transactions);
  const parts: HandlerParts = { admission, metrics, limits, operations, refuseIfStopping, others };

  const grpc = new Server({
    'grpc.max_receive_message_length': limits.messageBytes,
    'grpc.max_send_message_length': limits.messageBytes,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });
  grpc.addService(STORE_SERVICE, handlers(parts));
  const bound = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync(`${host}:${port}`, credentials(options.tls), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  const notReady = () => {
    if (stopping !== undefined) return 'shutting down';
    const { logFailure, maintenanceFailure } = store.stats();
    return logFailure ?? maintenanceFailure;
  };
  const health = await startHealth(host, healthPort, metrics, notReady).catch((error: unknown) => {
    grpc.forceShutdown();
    throw error;
  });
  const idleTimer = setInterval(
    () => void sessions.closeIdle().catch(() => undefined), // tried again at the next turn
    limits.sessionIdleMs / IDLE_CHECKS_PER_TIMEOUT,
  );
  idleTimer.unref();

  const stop = async () => {
    clearInterval(idleTimer);
    const finished = new Promise<void>((resolve) => grpc.tryShutdown(() => resolve()));
    const late = setTimeout(() => grpc.forceShutdown(), limits.shutdownMs);
    await finished;
    clearTimeout(late);
    transactions.rollbackAll();
    await store.close();
    health.server.closeAllConnections();
    await new Promise((resolve) => health.server.close(resolve));
  };
  return {
    port: bound,
    healthPort: health.port,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function adminCalls(
  store: Database,
  sessions: Sessions,
  transactions: Transactions,
): HandlerParts['others'] {
  return {
    OpenSession: async () => ({ id: await sessions.open(), idleMs: sessions.idleMs }),
    CloseSession: async ({ id }) => {
      await sessions.close(id);
      return {};
    },
    Begin: async ({ deadlineMs }) => ({ id: transactions.begin(deadlineMs) }),
    Rollback: async ({ id }) => {
      transactions.rollback(id);
      return {};
    },
    Checkpoint: async () => ({ ...(await store.checkpoint()), repeated: false }),
    Verify: async () => verifyStore(nodeDisk(), store.settings.directory),
    Stats: async () => {
      const { maintenanceFailure = '', logFailure = '', ...figures } = store.stats();
      return { figures, maintenanceFailure, logFailure };
    },
  };
}

function watchFigures(
  metrics: Metrics,
  parts: { store: Database; sessions: Sessions; transactions: Transactions; admission: Admission },
): void {
  const { store, sessions, transactions, admission } = parts;
  metrics.watch('requests_running', 'Requests that run', () => admission.running);
  metrics.watch('requests_waiting', 'Requests that wait', () => admission.waiting);
  metrics.watch('requests_refused', 'Requests refused, too many waiting', () => admission.refused);
  metrics.watch('sessions', 'Sessions known', () => sessions.count);
  metrics.watch('transactions', 'Transactions held open', () => transactions.count);
  const { maintenanceFailure: _, logFailure: __, ...figures } = store.stats();
  for (const name of Object.keys(figures) as (keyof typeof figures)[]) {
    const word = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    metrics.watch(`store_${word}`, `The store's ${word.replaceAll('_', ' ')}`, () => {
      const value = store.stats()[name];
      return typeof value === 'number' ? value : 0;
    });
  }
}

function credentials(tls: ServerOptions['tls']): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { key, certificate, clientAuthority } = tls;
  const authority = clientAuthority === undefined ? null : Buffer.from(clientAuthority);
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  return ServerCredentials.createSsl(authority, [pair], authority !== null);
}
