/**
 * Channel: one gRPC connection with typed calls that are retried until their deadline. Every call is safe to
 * resend: reads change nothing, writes carry a sequence number, and all others are idempotent or create
 * something that expires.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelCredentials, type ClientReadableStream, Client as GrpcClient } from '@grpc/grpc-js';
import type { RangeOptions } from '../mvcc/range-options.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import { fromServiceError, type WireError } from './status.ts';
import { type CallName, type Calls, STORE_SERVICE } from './wire.ts';

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  /** The operation surely did not happen, in none of its tries. */
  readonly definite: boolean;
  readonly isTransient: boolean;

  constructor({
    code,
    definite,
    message,
    isTransient,
  }: Pick<WireError, 'code' | 'definite' | 'message' | 'isTransient'>) {
    super(message);
    this.code = code;
    this.definite = definite;
    this.isTransient = isTransient;
  }
}

export interface ClientOptions {
  /** Of each operation with all its tries. Default 10 s. */
  readonly deadlineMs?: number;
  /** Try again when the server is gone or overloaded. Default true. */
  readonly retry?: boolean;
  /** Longest pause between connection attempts. Default 1 s. */
  readonly backoffMaxMs?: number;
  /** PEM texts; without it the connection is not encrypted. The server must be named, not numbered. */
  readonly tls?: {
    readonly authority?: string;
    readonly key?: string;
    readonly certificate?: string;
  };
}

export interface CallOptions {
  readonly deadlineMs?: number;
}

const RETRY_AFTER_MS = 20;
const RETRY_AFTER_MAX_MS = 500;

export class Channel {
  readonly #grpc: GrpcClient;
  readonly #deadlineMs: number;
  readonly #retry: boolean;
  #isClosed = false;

  constructor(grpc: GrpcClient, options: { deadlineMs: number; retry: boolean }) {
    this.#grpc = grpc;
    this.#deadlineMs = options.deadlineMs;
    this.#retry = options.retry;
  }

  get grpc(): GrpcClient {
    return this.#grpc;
  }

  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  get retries(): boolean {
    return this.#retry;
  }

  /** Throws ClientError. It is definite only when no try could have taken effect. */
  async call<C extends CallName>(
    name: C,
    request: Calls[C]['request'],
    { deadlineMs = this.#deadlineMs }: CallOptions = {},
  ): Promise<Calls[C]['reply']> {
    this.refuseIfClosed();
    const deadline = Date.now() + deadlineMs;
    let unsure = false;
    for (let pause = RETRY_AFTER_MS; ; pause = Math.min(2 * pause, RETRY_AFTER_MAX_MS)) {
      try {
        return await this.#send(name, request, deadline);
      } catch (failure) {
        const error = fromServiceError(failure);
        // A transaction that is unknown, a session that is gone: an earlier try may have done that.
        const definite = unsure ? error.definite && isOwnWord(error) : error.isRefused;
        unsure ||= !error.isRefused;
        const canRetry = this.#retry && !this.#isClosed && error.isTransient;
        const again = canRetry && Date.now() + pause < deadline;
        if (!again) throw new ClientError({ ...error, definite });
      }
      await sleep(pause);
    }
  }

  /** Records, page by page. */
  async *range(
    options: RangeOptions & { readonly transaction: string },
  ): AsyncGenerator<KeyValue, void, void> {
    this.refuseIfClosed();
    const none = new Uint8Array(0);
    const { from = none, to = none, prefix = none, reverse = false, limit = 0 } = options;
    if (options.limit === 0) return;
    const { path, requestSerialize, responseDeserialize } = STORE_SERVICE.Range!;
    const stream = this.#grpc.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { from, to, prefix, reverse, limit, transaction: options.transaction },
      { deadline: Date.now() + this.#deadlineMs },
    ) as ClientReadableStream<Calls['Range']['reply']>;
    try {
      for await (const { records } of stream) yield* records as KeyValue[];
    } catch (error) {
      throw new ClientError(fromServiceError(error));
    } finally {
      stream.cancel();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#grpc.close();
  }

  /** Throws ClientError `client-closed`, definite. */
  refuseIfClosed(): void {
    if (!this.#isClosed) return;
    const message = 'the client is closed';
    throw new ClientError({ code: 'client-closed', message, definite: true, isTransient: false });
  }

  #send<C extends CallName>(
    name: C,
    request: Calls[C]['request'],
    deadline: number,
  ): Promise<Calls[C]['reply']> {
    const { path, requestSerialize, responseDeserialize } = STORE_SERVICE[name]!;
    return new Promise((resolve, reject) => {
      this.#grpc.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        (error, reply) => {
          if (error === null) resolve(reply as Calls[C]['reply']);
          else reject(error);
        },
      );
    });
  }
}

/**
 * Codes that the server answers only after it looked for the result of earlier tries and found none:
 * nothing of this operation was committed or ever will be.
 */
function isOwnWord({ code }: WireError): boolean {
  return code === 'conflict' || code === 'transaction-unknown';
}

/** Does not wait for the server. */
export function openChannel(address: string, options: ClientOptions = {}): Channel {
  const { deadlineMs = 10_000, retry = true, backoffMaxMs = 1000, tls } = options;
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  const credentials =
    tls === undefined
      ? ChannelCredentials.createInsecure()
      : ChannelCredentials.createSsl(pem(tls.authority), pem(tls.key), pem(tls.certificate));
  const grpc = new GrpcClient(address, credentials, {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': backoffMaxMs,
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0, // ours know what is safe to send again
  });
  return new Channel(grpc, { deadlineMs, retry });
}
