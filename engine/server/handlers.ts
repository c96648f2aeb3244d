/**
 * gRPC handlers: hand each call to the service, and its answer or error back. No throw and no
 * rejection leaves them, whatever the request and whatever has become of its stream.
 */
import type {
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Call, ReplyStream, RequestStream } from './call.ts';
import type { Limits } from './limits.ts';
import { type IngestCall, readAhead } from './request-stream.ts';
import type { StoreService, UnaryName } from './service.ts';
import { toServiceError } from './status.ts';
import type { Calls, Committed } from './wire.ts';

type Request<C extends keyof Calls> = Calls[C]['request'];
type Reply<C extends keyof Calls> = Calls[C]['reply'];
type RangeCall = ServerWritableStream<Request<'Range'>, Reply<'Range'>>;

const UNARY: readonly UnaryName[] = [
  'OpenSession',
  'CloseSession',
  'Get',
  'Put',
  'Delete',
  'Batch',
  'Begin',
  'Commit',
  'Rollback',
  'Checkpoint',
  'Verify',
  'Stats',
];

export function handlers(service: StoreService, limits: Limits): UntypedServiceImplementation {
  const unary = UNARY.map((name) => [name, unaryHandler(service, name)] as const);
  return {
    ...Object.fromEntries(unary),
    Range: (call: RangeCall) => finish(call, service.range(call.request, replyStream(call))),
    Ingest: (call: IngestCall) => finish(call, service.ingest(requestStream(call, limits))),
  };
}

function unaryHandler<C extends UnaryName>(service: StoreService, name: C) {
  return (call: ServerUnaryCall<Request<C>, Reply<C>>, reply: sendUnaryData<Reply<C>>) => {
    service
      .unary(name, call.request, unaryCall(call))
      .then(
        (answer) => reply(null, answer),
        (error: unknown) => reply(toServiceError(error)),
      )
      .catch(() => undefined); // the stream is gone: no one receives the error
  };
}

function finish(call: RangeCall | IngestCall, done: Promise<void>): void {
  done
    .then(
      () => call.end(),
      (error: unknown) => call.emit('error', toServiceError(error)),
    )
    .catch(() => undefined);
}

type AnyCall = Pick<RangeCall, 'cancelled' | 'getDeadline'>;

function unaryCall(call: AnyCall): Call {
  return {
    patienceMs: Math.max(0, Number(call.getDeadline()) - Date.now()),
    get isCancelled() {
      return call.cancelled;
    },
  };
}

interface Sender<Reply> extends AnyCall {
  write(reply: Reply, done: () => void): unknown;
  once(event: 'cancelled', run: () => void): unknown;
  off(event: 'cancelled', run: () => void): unknown;
}

function replyStream<Reply>(call: Sender<Reply>): ReplyStream<Reply> {
  const common = unaryCall(call);
  return {
    patienceMs: common.patienceMs,
    get isCancelled() {
      return call.cancelled;
    },
    send: (reply) =>
      new Promise((resolve) => {
        if (call.cancelled) return resolve();
        const done = () => {
          call.off('cancelled', done);
          resolve();
        };
        call.once('cancelled', done);
        call.write(reply, done);
      }),
  };
}

function requestStream(
  call: IngestCall,
  limits: Limits,
): RequestStream<Request<'Ingest'>, Committed> {
  return {
    ...replyStream<Committed>(call),
    get isCancelled() {
      return call.cancelled;
    },
    ...readAhead(call, limits),
  };
}
