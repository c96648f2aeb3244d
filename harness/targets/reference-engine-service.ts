/**
 * The service of the reference engine's server in a simulated world, without gRPC. Errors are encoded
 * and decoded as on the wire.
 */
import { type Database, type Env, open } from '../../engine/index.ts';
import { limitsFrom } from '../../engine/server/limits.ts';
import { StoreService, type UnaryName } from '../../engine/server/service.ts';
import { fromServiceError, IngestStopped, toServiceError } from '../../engine/server/status.ts';
import type { Calls } from '../../engine/server/wire.ts';
import type {
  ServiceError,
  ServiceReplies,
  ServiceRequests,
  ServiceSettings,
  SimulatedService,
} from '../simulation/sim/simulated-service.ts';
import { engineOptions } from './reference-engine-store.ts';

const OWN_KEYS = new TextEncoder().encode('\0assay/');

export async function openEngineService(
  env: Env,
  directory: string,
  { store: settings, limits }: ServiceSettings,
): Promise<SimulatedService> {
  const store = await open(env, engineOptions(directory, settings));
  const service = new StoreService({
    store,
    clock: env.clock,
    random: env.random,
    limits: limitsFrom(limits),
    verify: () => Promise.reject(new Error('the simulation walks the files itself')),
  });
  return {
    call: (name, request, call) =>
      onTheWire(() => service.unary(name as UnaryName, request as never, call)),
    range: (request, call) =>
      onTheWire(() => service.range(request as Calls['Range']['request'], call as ServiceReplies)),
    ingest: (call) => onTheWire(() => service.ingest(call as ServiceRequests as never)),
    notReady: () => service.notReady(),
    held: () => heldBy(service, store),
    ownRecords: () => [...store.range({ prefix: OWN_KEYS })].length,
    async stop() {
      service.stop();
      service.transactions.rollbackAll();
      await store.close();
    },
  };
}

function heldBy(service: StoreService, store: Database) {
  const { reads, writes, sessions, transactions, ranges, ingests } = service;
  return {
    requests: reads.running + writes.running,
    waiting: reads.waiting + writes.waiting,
    waitingBytes: reads.waitingBytes + writes.waitingBytes,
    sessions: sessions.count,
    transactions: transactions.count,
    transactionBytes: transactions.bytes,
    ranges: ranges.count,
    ingests: ingests.count,
    snapshots: store.stats().openSnapshots,
  };
}

/** Throws the error that a client would decode from status and trailers. */
async function onTheWire<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const status = toServiceError(error);
    encodeURI(status.details!); // as gRPC does: throws for what is no well-formed text
    const { code, definite, message, isRestUntouched } = fromServiceError(status);
    const applied = error instanceof IngestStopped ? error.applied : 0;
    const told: ServiceError = { code, definite, message, applied, isRestUntouched };
    throw told;
  }
}
