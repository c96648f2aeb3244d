/**
 * Records for benchmarks: key and value are functions of the record number, so every value that is read
 * can be checked. Keys have 16 bytes: in random order (a bijection of the number), ascending, or behind
 * a shared prefix of 16 bytes. Values are incompressible and name their record:
 *
 *     value := number:u32 version:u32 bytes of a random pool stamp:u32
 *
 * All values have one size; or each version's size is drawn from its number, evenly up to twice the
 * mean; or one value of sixteen is 17 times as large as the others. The mean is the same.
 */
import type { KeyOrder, ValueSizes } from '../contract/bench-record.ts';
import { Prng } from '../random/prng.ts';

const POOL_BYTES_MIN = 1 << 16;
const SHARED_PREFIX = Buffer.from('tenant-000000042');
const VALUE_FRAME_BYTES = 12;
/** Every n-th check compares all bytes; the others compare length, number and stamp. */
const FULL_CHECK_EVERY = 16;

/** `two`: every n-th value is large. */
const LARGE_EVERY = 16;
const LARGE_TIMES = 17;

/** Memory for one value, the longest too. */
export interface ValueCell {
  /** The value after `valueInto`: a prefix of `all`. */
  bytes: Buffer;
  readonly all: Buffer;
  readonly words: Uint32Array;
}

export class Records {
  readonly keyBytes: number;
  /** Mean size in bytes. */
  readonly valueBytes: number;
  readonly #valueBytesMax: number;
  readonly #sizes: ValueSizes;
  readonly #order: KeyOrder;
  readonly #pool: Buffer;
  readonly #poolWords: Uint32Array;
  readonly #keyCell: Buffer;
  #checks = 0;

  /** Throws RangeError if values are too short to hold number and stamp. */
  constructor(
    seed: number,
    valueBytes: number,
    order: KeyOrder = 'random',
    sizes: ValueSizes = 'one',
  ) {
    this.valueBytes = valueBytes;
    this.#sizes = sizes;
    if (this.#smallBytes < VALUE_FRAME_BYTES) {
      throw new RangeError(`a value has ${VALUE_FRAME_BYTES} bytes or more`);
    }
    const most = { one: valueBytes, even: 2 * valueBytes, two: LARGE_TIMES * this.#smallBytes };
    this.#valueBytesMax = most[sizes];
    const poolBytes = Math.max(POOL_BYTES_MIN, 8 * Math.ceil(this.#valueBytesMax / 4));
    this.#pool = Buffer.alloc(poolBytes);
    this.#poolWords = new Uint32Array(this.#pool.buffer, this.#pool.byteOffset, poolBytes / 4);
    this.keyBytes = order === 'prefixed' ? 32 : 16;
    this.#order = order;
    this.#keyCell = Buffer.alloc(this.keyBytes);
    const random = new Prng(seed).derive('values');
    for (let i = 0; i < poolBytes; i += 4) this.#pool.writeUInt32LE(random.nextUint32(), i);
  }

  /** With `two` sizes, 15 small values and one of 17 times that have the mean of all. */
  get #smallBytes(): number {
    return this.#sizes === 'two' ? this.valueBytes >> 1 : this.valueBytes;
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
    const cell = this.cell();
    this.valueInto(number, version, cell);
    return cell.bytes;
  }

  /** A reusable buffer for one value. */
  cell(): ValueCell {
    const words = new Uint32Array(Math.ceil(this.#valueBytesMax / 4));
    const all = Buffer.from(words.buffer, 0, this.#valueBytesMax);
    return { bytes: all, all, words };
  }

  /** Bytes of a version of a record. */
  sizeOf(number: number, version: number): number {
    if (this.#sizes === 'one') return this.valueBytes;
    const draw = mix(number ^ mix(version ^ 0x51ed270b));
    if (this.#sizes === 'two') {
      return draw % LARGE_EVERY === 0 ? LARGE_TIMES * this.#smallBytes : this.#smallBytes;
    }
    const spread = this.valueBytes - VALUE_FRAME_BYTES;
    return VALUE_FRAME_BYTES + (draw % (2 * spread + 1));
  }

  valueInto(number: number, version: number, cell: ValueCell): void {
    const { words } = cell;
    const size = this.sizeOf(number, version);
    if (cell.bytes.length !== size) cell.bytes = cell.all.subarray(0, size);
    const { bytes } = cell;
    const pool = this.#poolWords;
    const start = this.#poolStart(number, version) >> 2;
    const end = (size + 3) >> 2;
    for (let i = 2; i < end; i++) words[i] = pool[start + i - 2]!;
    writeWord(bytes, 0, number);
    writeWord(bytes, 4, version);
    writeWord(bytes, bytes.length - 4, stampOf(number, version));
  }

  /** Whether the bytes are a complete value of record `number`: of any version, or of the given one. */
  isValue(number: number, bytes: Uint8Array | undefined, wanted?: number): boolean {
    if (bytes === undefined || bytes.length < VALUE_FRAME_BYTES) return false;
    if (readWord(bytes, 0) !== number) return false;
    const version = readWord(bytes, 4);
    if (bytes.length !== this.sizeOf(number, version)) return false;
    if (wanted !== undefined && version !== wanted) return false;
    if (readWord(bytes, bytes.length - 4) !== stampOf(number, version)) return false;
    if (++this.#checks % FULL_CHECK_EVERY !== 0) return true;
    const start = this.#poolStart(number, version);
    for (let i = 8; i < bytes.length - 4; i++) {
      if (bytes[i] !== this.#pool[start + i - 8]) return false;
    }
    return true;
  }

  /** Record number of a key; undefined for bytes that are no key. */
  numberOfKey(key: Uint8Array): number | undefined {
    if (key.length !== this.keyBytes) return undefined;
    const number = readWord(key, this.keyBytes - 4);
    this.keyInto(number, this.#keyCell);
    return Buffer.compare(this.#keyCell, key) === 0 ? number : undefined;
  }

  #poolStart(number: number, version: number): number {
    const words = (this.#pool.length - this.#valueBytesMax) >> 2;
    return 4 * (mix(number ^ Math.imul(version, 0x9e3779b1)) % words);
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
  const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return word >>> 0;
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
