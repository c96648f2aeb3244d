/**
 * The engine across a network: a server and its client.
 *
 *     import { connect, startServer } from 'assay/engine/server';
 */
export {
  ClientError,
  type ClientOptions,
  type ClientTransaction,
  connect,
  type StoreClient,
} from './client.ts';
export { IngestError } from './ingest-client.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { DEFAULT_HEALTH_PORT, DEFAULT_PORT } from './ports.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
export type { Change, Committed } from './wire.ts';
