/**
 * gRPC handlers: admission, deadlines and metrics around the operations. A call that its client gave
 * up on is not begun; one that runs is finished, because its outcome would be unknown otherwise.
 */
import { performance } from 'node:perf_hooks';
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Admission } from './admission.ts';
import { ingest } from './ingest.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { Operations } from './operations.ts';
import { ServerError, toServiceError } from './status.ts';
import type { CallName, Calls, WireRecord } from './wire.ts';

type Request<C extends CallName> = Calls[C]['request'];
type Reply<C extends CallName> = Calls[C]['reply'];

export interface HandlerParts {
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly operations: Operations;
  /** Throws when the server takes no requests. */
  refuseIfStopping(): void;
  readonly others: { readonly [C in AdminCall]: (request: Request<C>) => Promise<Reply<C>> };
}

type AdminCall =
  | 'OpenSession'
  | 'CloseSession'
  | 'Begin'
  | 'Rollback'
  | 'Checkpoint'
  | 'Verify'
  | 'Stats';

/** Records and bytes of one message of a range. */
const PAGE_RECORDS = 256;
const PAGE_BYTES = 64 * 1024;

export function handlers(parts: HandlerParts): UntypedServiceImplementation {
  const { operations, others } = parts;
  const unary = <C extends CallName>(
    name: C,
    work: (request: Request<C>) => Promise<Reply<C>> | Reply<C>,
  ) => unaryHandler(parts, name, work);
  const remove = (key: Uint8Array) => [{ key, value: new Uint8Array(0), remove: true }];
  return {
    OpenSession: unary('OpenSession', others.OpenSession),
    CloseSession: unary('CloseSession', others.CloseSession),
    Get: unary('Get', (request) => operations.get(request)),
    Range: rangeHandler(parts),
    Put: unary('Put', ({ key, value, transaction, once }) =>
      operations.write([{ key, value, remove: false }], transaction, once),
    ),
    Delete: unary('Delete', ({ key, transaction, once }) =>
      operations.write(remove(key), transaction, once),
    ),
    Batch: unary('Batch', ({ changes, transaction, once }) =>
      operations.write(changes, transaction, once),
    ),
    Begin: unary('Begin', others.Begin),
    Commit: unary('Commit', (request) => operations.commit(request)),
    Rollback: unary('Rollback', others.Rollback),
    Ingest: (call: ServerDuplexStream<Request<'Ingest'>, Reply<'Ingest'>>) =>
      void measured(parts.metrics, 'Ingest', () => ingest(call, parts)),
    Checkpoint: unary('Checkpoint', others.Checkpoint),
    Verify: unary('Verify', others.Verify),
    Stats: unary('Stats', others.Stats),
  };
}

function unaryHandler<C extends CallName>(
  parts: HandlerParts,
  name: C,
  work: (request: Request<C>) => Promise<Reply<C>> | Reply<C>,
) {
  return (call: ServerUnaryCall<Request<C>, Reply<C>>, reply: sendUnaryData<Reply<C>>) => {
    const begun = async () => {
      if (call.cancelled) {
        throw new ServerError('deadline-exceeded', 'the client gave up before it was begun');
      }
      return work(call.request);
    };
    const answered = measured(parts.metrics, name, async () => {
      parts.refuseIfStopping();
      return parts.admission.run(patienceMs(call, parts.limits), begun);
    });
    answered.then(
      (answer) => reply(null, answer),
      (error: unknown) => reply(toServiceError(error)),
    );
  };
}

function rangeHandler(parts: HandlerParts) {
  return (call: ServerWritableStream<Request<'Range'>, Reply<'Range'>>) => {
    const patience = patienceMs(call, parts.limits);
    const stream = () => streamRange(call, parts.operations, Date.now() + patience);
    const done = measured(parts.metrics, 'Range', async () => {
      parts.refuseIfStopping();
      return parts.admission.run(patience, stream);
    });
    done.then(
      () => call.end(),
      (error: unknown) => call.emit('error', toServiceError(error)),
    );
  };
}

/** Sends pages as fast as the client takes them, and stops when it leaves. */
async function streamRange(
  call: ServerWritableStream<Request<'Range'>, Reply<'Range'>>,
  operations: Operations,
  deadline: number,
): Promise<void> {
  let page: WireRecord[] = [];
  let bytes = 0;
  for (const record of operations.range(call.request)) {
    page.push(record);
    bytes += record.key.length + record.value.length;
    if (page.length < PAGE_RECORDS && bytes < PAGE_BYTES) continue;
    if (!call.write({ records: page })) await drained(call);
    if (call.cancelled) return;
    if (Date.now() > deadline) {
      throw new ServerError('deadline-exceeded', 'the deadline passed in the middle of the range');
    }
    page = [];
    bytes = 0;
  }
  if (page.length > 0) call.write({ records: page });
}

function drained(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done);
      call.off('cancelled', done);
      resolve();
    };
    call.on('drain', done);
    call.on('cancelled', done);
  });
}

function patienceMs(
  call: { getDeadline(): Date | number },
  { requestMs }: Pick<Limits, 'requestMs'>,
): number {
  const left = Number(call.getDeadline()) - Date.now();
  return Math.max(0, Math.min(left, requestMs));
}

async function measured<T>(metrics: Metrics, name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  let outcome = 'ok';
  try {
    return await work();
  } catch (error) {
    outcome = String((error as { code?: unknown })?.code ?? 'internal');
    throw error;
  } finally {
    metrics.finished(name, outcome, (performance.now() - began) / 1000);
  }
}
