/**
 * What somebody who only reaches the ports of a server can send it. Each act is the bytes of one
 * connection and how many such connections are made; the connections stay open and read nothing
 * unless the act says so. What is sent depends on the seed alone.
 */
import type { Prng } from '../../random/prng.ts';
import {
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  grpcMessage,
  grpcRequest,
  headerBlock,
  INITIAL_WINDOW,
  number32,
  PREFACE,
  settings,
} from './http2-frames.ts';

export interface Act {
  readonly name: string;
  readonly port: 'grpc' | 'health';
  readonly connections: number;
  /** Bytes of connection `i`, in the pieces in which they are written. */
  bytes(i: number, random: Prng): readonly (string | Buffer)[];
  /** Reads what comes back; a client that does not stalls the server's replies. */
  readonly reads?: boolean;
  /** Sends its bytes as they are to a port that expects TLS. */
  readonly isPlain?: boolean;
}

const REQUEST_LINES = [
  'GET // HTTP/1.1',
  'GET * HTTP/1.1',
  'GET http://a:99999/x HTTP/1.1',
  'GET http://[::1/ HTTP/1.1',
  'GET http://a/health/live HTTP/1.1',
  'GET /%zz?%00 HTTP/1.1',
  'GET ? HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT a:b HTTP/1.1',
  'GET /health/ready HTTP/9.9',
  'GET /health/live HTTP/1.0',
  'PRI * HTTP/2.0',
  'get /health/live http/1.1',
  'GET',
  '',
];
const STREAMS = 600;
const FLOOD = 5000;
const HALF_SENT = 40;
const LONGEST = 2 ** 24 - 1;
const WINDOW_MAX = 2 ** 31 - 1;
const CLIENT_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);

const path = (name: string) => `/assay.store.v1.Store/${name}`;
const NO_FIELDS = grpcMessage(Buffer.alloc(0));
const opening = Buffer.concat([PREFACE, settings()]);
const repeat = (count: number, one: (i: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => one(i)));
/** Numbers of a client's streams. */
const streamOf = (i: number) => 2 * i + 1;
const bodied = (body: string) => `POST /health/live HTTP/1.1\r\nHost: x\r\n${body}`;

const HTTP1: readonly Act[] = [
  {
    name: 'odd request line',
    port: 'health',
    connections: REQUEST_LINES.length,
    bytes: (i) => [`${REQUEST_LINES[i]}\r\nHost: x\r\nConnection: close\r\n\r\n`],
    reads: true,
  },
  {
    name: 'headers without end',
    port: 'health',
    connections: 2,
    bytes: (i) => {
      const many = Array.from({ length: 3000 }, (_, n) => `X-${n}: y\r\n`).join('');
      return ['GET / HTTP/1.1\r\n', i === 0 ? many : `X: ${'y'.repeat(1_000_000)}`];
    },
  },
  {
    name: 'pipelined requests, answers not read',
    port: 'health',
    connections: 4,
    bytes: () => ['GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(300)],
  },
  {
    name: 'broken body',
    port: 'health',
    connections: 4,
    bytes: (i) => [
      [
        bodied('Transfer-Encoding: chunked\r\n\r\nzz\r\n'),
        bodied('Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx'),
        bodied('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'),
        bodied('Content-Length: 1000000000000\r\n\r\nx'),
      ][i]!,
    ],
    reads: true,
  },
  {
    name: 'request that never ends',
    port: 'health',
    connections: 100,
    bytes: () => ['GET /health/live HTTP/1.1\r\nX'],
  },
];

const HTTP2: readonly Act[] = [
  {
    name: 'no HTTP/2',
    port: 'grpc',
    connections: 8,
    bytes: (i, random) =>
      i < 2
        ? ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', PREFACE]
        : i < 4
          ? [CLIENT_HELLO]
          : [noise(random, random.between(1, 400))],
  },
  {
    name: 'preface, and no settings',
    port: 'grpc',
    connections: 8,
    bytes: (i) => [i % 2 === 0 ? PREFACE : PREFACE.subarray(0, 10)],
  },
  {
    name: 'flood of settings and pings',
    port: 'grpc',
    connections: 2,
    bytes: (i) => {
      const one = i === 0 ? settings() : frame(FRAME.ping, { payload: Buffer.alloc(8) });
      return [opening, repeat(FLOOD, () => one)];
    },
  },
  {
    name: 'headers continued without end',
    port: 'grpc',
    connections: 2,
    bytes: () => {
      const payload = headerBlock([['x', 'y'.repeat(1000)]]);
      const begin = frame(FRAME.headers, { stream: 1, payload });
      return [
        opening,
        begin,
        repeat(2000, () => frame(FRAME.continuation, { stream: 1, payload })),
      ];
    },
  },
  {
    name: 'streams opened and reset',
    port: 'grpc',
    connections: 2,
    bytes: () => [
      opening,
      repeat(STREAMS, (n) => {
        const stream = streamOf(n);
        const call = grpcRequest(stream, path('Range'), NO_FIELDS);
        return Buffer.concat([call, number32(FRAME.reset, stream, 8)]);
      }),
    ],
    reads: true,
  },
  {
    name: 'frames that lie',
    port: 'grpc',
    connections: 12,
    bytes: (_, random) => {
      const frames = Array.from({ length: random.between(1, 6) }, () => {
        const payload = noise(random, random.below(100));
        const length = random.pick([payload.length, payload.length + 1, 16_385, LONGEST]);
        const [flags, stream] = [random.below(256), random.below(8)];
        return frame(random.below(12), { flags, stream, payload, length });
      });
      return [opening, Buffer.concat(frames)];
    },
  },
  {
    name: 'odd headers',
    port: 'grpc',
    connections: 6,
    bytes: (i) => {
      const fields: [string, string][] = [
        [':method', i === 0 ? 'GET' : 'POST'],
        [':scheme', 'http'],
        [':path', i === 1 ? '' : i === 2 ? '/no/such\u00ff' : path('Get')],
        ['content-type', i === 3 ? 'text/x' : 'application/grpc'],
        ['grpc-timeout', i === 4 ? '99999999999H' : '-1S'],
        ['te', 'trailers'],
      ];
      const kept = i === 5 ? fields.filter(([name]) => name !== ':path') : fields;
      const flags = END_HEADERS | END_STREAM;
      return [opening, frame(FRAME.headers, { flags, stream: 1, payload: headerBlock(kept) })];
    },
    reads: true,
  },
  {
    name: 'windows beyond their limit',
    port: 'grpc',
    connections: 2,
    bytes: (i) => [
      opening,
      grpcRequest(1, path('Range'), NO_FIELDS),
      repeat(2, () => number32(FRAME.windowUpdate, i, WINDOW_MAX)),
    ],
  },
  {
    name: 'odd messages',
    port: 'grpc',
    connections: 4,
    bytes: (i, random) => [
      opening,
      grpcRequest(
        1,
        path('Put'),
        [
          grpcMessage(noise(random, 200)),
          grpcMessage(Buffer.alloc(3), 2 ** 32 - 1),
          grpcMessage(noise(random, 20), 20, true),
          Buffer.alloc(2),
        ][i],
      ),
    ],
    reads: true,
  },
];

const GRPC: readonly Act[] = [
  {
    name: 'ranges that are not read',
    port: 'grpc',
    connections: 16,
    bytes: () => [opening, repeat(4, (n) => grpcRequest(streamOf(n), path('Range'), NO_FIELDS))],
  },
  {
    name: 'answers without a window',
    port: 'grpc',
    connections: 8,
    bytes: () => [
      PREFACE,
      settings({ [INITIAL_WINDOW]: 0 }),
      repeat(8, (n) => grpcRequest(streamOf(n), path('Stats'), NO_FIELDS)),
    ],
    reads: true,
  },
  {
    name: 'half-sent requests',
    port: 'grpc',
    connections: 2,
    bytes: () => [
      opening,
      repeat(HALF_SENT, (n) => {
        const stream = streamOf(n);
        const payload = grpcMessage(Buffer.alloc(3), 1000);
        const part = frame(FRAME.data, { stream, payload });
        return Buffer.concat([grpcRequest(stream, path('Put'), undefined), part]);
      }),
    ],
    reads: true,
  },
  {
    name: 'ingests that send nothing',
    port: 'grpc',
    connections: 2,
    bytes: () => [opening, repeat(20, (n) => grpcRequest(streamOf(n), path('Ingest'), undefined))],
    reads: true,
  },
  {
    name: 'transactions and sessions that are not used',
    port: 'grpc',
    connections: 2,
    bytes: (i) => [
      opening,
      repeat(100, (n) =>
        grpcRequest(streamOf(n), path(i === 0 ? 'Begin' : 'OpenSession'), NO_FIELDS),
      ),
    ],
    reads: true,
  },
  { name: 'idle connections', port: 'grpc', connections: 400, bytes: () => [] },
];

export const ACTS: readonly Act[] = [...HTTP1, ...HTTP2, ...GRPC];
/** Those that mean something within TLS, too. */
export const ENCRYPTED_ACTS: readonly Act[] = [...HTTP2, ...GRPC];

function noise(random: Prng, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}
