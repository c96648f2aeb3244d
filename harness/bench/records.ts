/**
 * Records for benchmarks: key and value follow from the number, so that every value read can be
 * checked. Keys are 16 bytes, in random order (a bijection of the number), counting up, or behind a
 * prefix of 16 bytes that all of them share. Values are incompressible and say whose they are:
 *
 *     value := number:u32 version:u32 bytes of a random pool stamp:u32
 */
import { Prng } from '../random/prng.ts';

export type KeyOrder = 'random' | 'sequential' | 'prefixed';

const POOL_BYTES = 1 << 22;
const SHARED_PREFIX = Buffer.from('tenant-000000042');
const VALUE_FRAME_BYTES = 12;
/** Every so many checks compare all bytes; the others length, number and stamp. */
const FULL_CHECK_EVERY = 16;

export class Records {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly #order: KeyOrder;
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #checks = 0;

  /** Throws RangeError when values are too short to be told apart. */
  constructor(seed: number, valueBytes: number, order: KeyOrder = 'random') {
    if (valueBytes < VALUE_FRAME_BYTES) throw new RangeError('a value has 12 bytes or more');
    this.valueBytes = valueBytes;
    this.keyBytes = order === 'prefixed' ? 32 : 16;
    this.#order = order;
    const random = new Prng(seed).derive('values');
    for (let i = 0; i < POOL_BYTES; i += 4) this.#pool.writeUInt32LE(random.nextUint32(), i);
  }

  key(number: number): Buffer {
    const key = Buffer.alloc(this.keyBytes);
    this.keyInto(number, key);
    return key;
  }

  keyInto(number: number, key: Buffer): void {
    if (this.#order === 'sequential') {
      key.fill(0, 0, 12);
      writeWord(key, 12, number);
      return;
    }
    const at = this.#order === 'prefixed' ? SHARED_PREFIX.copy(key) : 0;
    writeWord(key, at, mix(number));
    writeWord(key, at + 4, mix(number ^ 0x2545f491));
    writeWord(key, at + 8, mix(number ^ 0x6c8e9cf5));
    writeWord(key, at + 12, number);
  }

  value(number: number, version = 0): Buffer {
    const value = Buffer.alloc(this.valueBytes);
    this.valueInto(number, version, value);
    return value;
  }

  valueInto(number: number, version: number, value: Buffer): void {
    const end = this.valueBytes - 4;
    const start = this.#poolStart(number, version);
    this.#pool.copy(value, 8, start, start + end - 8);
    writeWord(value, 0, number);
    writeWord(value, 4, version);
    writeWord(value, end, stampOf(number, version));
  }

  /** Whether the bytes are a value of record `number`, of any version, whole. */
  isValue(number: number, bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined || bytes.length !== this.valueBytes) return false;
    if (readWord(bytes, 0) !== number) return false;
    const version = readWord(bytes, 4);
    if (readWord(bytes, bytes.length - 4) !== stampOf(number, version)) return false;
    if (++this.#checks % FULL_CHECK_EVERY !== 0) return true;
    const start = this.#poolStart(number, version);
    for (let i = 8; i < bytes.length - 4; i++) {
      if (bytes[i] !== this.#pool[start + i - 8]) return false;
    }
    return true;
  }

  /** The number a value says it belongs to. */
  numberOf(value: Uint8Array): number {
    return readWord(value, 0);
  }

  #poolStart(number: number, version: number): number {
    return mix(number ^ Math.imul(version, 0x9e3779b1)) % (POOL_BYTES - this.valueBytes);
  }
}

function stampOf(number: number, version: number): number {
  return mix(number ^ mix(version ^ 0x1234567));
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function readWord(bytes: Uint8Array, at: number): number {
  const word =
    (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return word >>> 0;
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
