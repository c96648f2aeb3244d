/**
 * What somebody who only reaches the port of a server with TLS can send it before a handshake is over:
 * parts of a client's hello, other bytes in its place, or nothing. The acts that need an encrypted
 * connection are those of `acts.ts`.
 */
import type { Prng } from '../../random/prng.ts';
import type { Act } from './acts.ts';
import { PREFACE } from './http2-frames.ts';

/** A client's first record, as Node sends it: TLS 1.2, one cipher suite, server name localhost, h2. */
const HELLO = Buffer.from(
  'FgMBAKEBAACdAwO1zoUV4qCM6AsRAeCCK+FdVsKOALDGg0PqHKzyxF5QsQAAAsArAQAAcv8BAAEAAAAADgAMAAAJ' +
    'bG9jYWxob3N0AAsABAMAAQIACgAMAAoAHQAXAB4AGAAZACMAAAAQAAUAAwJoMgAWAAAAFwAAAA0AKgAoBAMFAwYD' +
    'CAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIGAg==',
  'base64',
);
const RECORD_HEAD_BYTES = 5;
const RECORD = { cipherChange: 20, alert: 21, handshake: 22, data: 23 } as const;
const LONGEST_RECORD = 2 ** 16 - 1;
const REPEATED = 2000;
const ZEROS = Buffer.alloc(300);

const NO_HELLO: readonly ((random: Prng) => Buffer)[] = [
  () => PREFACE,
  () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  (random) => noise(random, 400),
  () => ZEROS,
  () => record(RECORD.data, ZEROS),
  () => record(RECORD.handshake, Buffer.alloc(0)),
  () => record(RECORD.handshake, HELLO.subarray(0, 20), LONGEST_RECORD),
  () => record(RECORD.handshake, Buffer.from([1, 255, 255, 255, 3, 3])),
  () => repeat(record(RECORD.alert, Buffer.from([1, 0]))),
  () => repeat(record(RECORD.cipherChange, Buffer.from([1]))),
  () => repeat(HELLO),
  (random) => Buffer.concat([HELLO, noise(random, 400)]),
  () => Buffer.concat([HELLO, record(RECORD.handshake, ZEROS)]),
  // A hello of the version before TLS.
  () => Buffer.from([0x80, 0x2e, 1, 0, 2, 0, 21, 0, 0, 0, 16]),
];

export const TLS_ACTS: readonly Act[] = [
  {
    name: 'no hello, or what does not belong behind one',
    port: 'grpc',
    isPlain: true,
    connections: NO_HELLO.length,
    bytes: (i, random) => [NO_HELLO[i]!(random)],
  },
  {
    name: 'hello with other bytes',
    port: 'grpc',
    isPlain: true,
    connections: 60,
    bytes: (_, random) => [changed(HELLO, random)],
    reads: true,
  },
  {
    name: 'part of a hello',
    port: 'grpc',
    isPlain: true,
    connections: 100,
    bytes: (i) => [HELLO.subarray(0, 1 + ((7 * i) % (HELLO.length - 1)))],
  },
  {
    name: 'hello, and then nothing',
    port: 'grpc',
    isPlain: true,
    connections: 100,
    bytes: () => [HELLO],
  },
  {
    name: 'handshakes that do not begin',
    port: 'grpc',
    isPlain: true,
    connections: 2000,
    bytes: () => [],
  },
];

function record(kind: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.from([kind, 3, 3, 0, 0]);
  head.writeUInt16BE(length, RECORD_HEAD_BYTES - 2);
  return Buffer.concat([head, payload]);
}

function repeat(bytes: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: REPEATED }, () => bytes));
}

/** Behind its head, so that it is taken for a hello. */
function changed(bytes: Buffer, random: Prng): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < 3; i++) {
    copy[random.between(RECORD_HEAD_BYTES, copy.length - 1)] = random.below(256);
  }
  return copy;
}

function noise(random: Prng, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}
