/**
 * etcd's HTTP gateway (`/v3/…`, JSON, base64 keys) over connections of this session's own.
 *
 * | answer | outcome |
 * |---|---|
 * | nothing was sent: connection refused | definite |
 * | too many requests, out of space, invalid, not found, compacted | definite |
 * | request timed out, leader changed, no leader, connection lost | indeterminate |
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { DatabaseError, DISCONNECTED } from '../client/errors.ts';

/** gRPC codes, as the gateway passes them on. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const DEFINITE = new Set([
  INVALID_ARGUMENT,
  NOT_FOUND,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
]);

interface GatewayFailure {
  readonly error?: string;
  readonly message?: string;
  readonly code?: number;
}

export class EtcdGateway {
  readonly #host: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  /** `address`: `host:port`. */
  constructor(address: string) {
    const [host, port] = address.split(':');
    this.#host = host!;
    this.#port = Number(port);
  }

  /** Throws DatabaseError. */
  async call<T>(path: string, body: object): Promise<T> {
    const response = await this.#send(path, body);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of response) chunks.push(chunk as Buffer);
    } catch (error) {
      throw new DatabaseError(DISCONNECTED, false, (error as Error).message);
    }
    const text = Buffer.concat(chunks).toString();
    if (response.statusCode === 200) return JSON.parse(text) as T;
    throw etcdRefusal(text);
  }

  /** Lines of JSON until the caller leaves. Throws DatabaseError. */
  async *stream<T>(path: string, body: object): AsyncGenerator<T, void, void> {
    const response = await this.#send(path, body);
    let rest = '';
    try {
      for await (const chunk of response) {
        const lines = (rest + (chunk as Buffer).toString()).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
      }
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(path: string, body: object): Promise<IncomingMessage> {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request({
        agent: this.#agent,
        host: this.#host,
        port: this.#port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      });
      sent.on('response', resolve);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const definite = error.code === 'ECONNREFUSED';
        reject(new DatabaseError(DISCONNECTED, definite, error.message));
      });
      sent.end(text);
    });
  }
}

/** Maps an error response to an outcome of the request. */
export function etcdRefusal(text: string): DatabaseError {
  let failure: GatewayFailure = {};
  try {
    failure = JSON.parse(text) as GatewayFailure;
  } catch {
    // Not etcd's response: it comes from a proxy on the way.
  }
  const message = failure.message ?? failure.error ?? text.slice(0, 200);
  const code = message.replace(/^etcdserver: |^mvcc: /, '').replaceAll(/\W+/g, '-');
  return new DatabaseError(code, DEFINITE.has(failure.code ?? -1), message);
}

export const toBase64 = (text: string) => Buffer.from(text).toString('base64');
export const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString();

/** The end of the range of all keys with a prefix. */
export function prefixEnd(prefix: string): string {
  const bytes = Buffer.from(prefix);
  if (bytes.length === 0) return Buffer.from([0]).toString('base64');
  bytes[bytes.length - 1]! += 1; // prefixes here are text: the last byte is never 255
  return bytes.toString('base64');
}
