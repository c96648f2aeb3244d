/**
 * HTTP/2 frames as bytes, for clients that mean no good: nothing here is checked, so lengths, streams
 * and orders may be wrong. Headers are literals that are never indexed (RFC 7541, 6.2.3).
 */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Of settings and pings. */
export const ACK = 1;
export const END_STREAM = 1;
export const END_HEADERS = 4;
export const INITIAL_WINDOW = 4;

export const FRAME_HEAD_BYTES = 9;
const EMPTY = Buffer.alloc(0);
const STRING_PREFIX_MAX = 127;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface FrameOptions {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
  /** What it says of its length; default the truth. */
  readonly length?: number;
}

export function frame(type: number, options: FrameOptions = {}): Buffer {
  const { flags = 0, stream = 0, payload = EMPTY, length = payload.length } = options;
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function settings(values: Readonly<Record<number, number>> = {}): Buffer {
  const pairs = Object.entries(values).map(([id, value]) => {
    const pair = Buffer.alloc(6);
    pair.writeUInt16BE(Number(id), 0);
    pair.writeUInt32BE(value, 2);
    return pair;
  });
  return frame(FRAME.settings, { payload: Buffer.concat(pairs) });
}

export function number32(type: number, stream: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return frame(type, { stream, payload });
}

export function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  const fields = headers.flatMap(([name, value]) => [
    Buffer.from([0x10]),
    ...[name, value].map(literal),
  ]);
  return Buffer.concat(fields);
}

/** A request with the headers that gRPC wants, and `body` as its only data. */
export function grpcRequest(stream: number, path: string, body: Buffer | undefined): Buffer {
  const headers = frame(FRAME.headers, {
    flags: END_HEADERS,
    stream,
    payload: headerBlock([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'x'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ]),
  });
  if (body === undefined) return headers;
  return Buffer.concat([headers, frame(FRAME.data, { flags: END_STREAM, stream, payload: body })]);
}

/** A message of gRPC; `length` is what it says of itself. */
export function grpcMessage(body: Buffer, length = body.length, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length: number[] = [];
  if (bytes.length < STRING_PREFIX_MAX) length.push(bytes.length);
  else {
    length.push(STRING_PREFIX_MAX);
    let left = bytes.length - STRING_PREFIX_MAX;
    for (; left > 0x7f; left >>>= 7) length.push((left & 0x7f) | 0x80);
    length.push(left);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}
