/**
 * BlockBuilder: gathers records of one block and seals it with its header, places and checksum.
 */
import { alignUp, compareRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import type { RecordSource } from './record.ts';
import { RECORD_CHECK_BYTES, recordCheck } from './record-check.ts';
import {
  BLOCK_GRAIN,
  BLOCK_HEADER_BYTES,
  blockSeed,
  RECORD_HEADER_BYTES,
  recordBytes,
} from './run-format.ts';

/** Longer records are copied by `set`, shorter ones word by word: that makes no view. */
const COPY_WORDS_MAX = 128;

export class BlockBuilder {
  readonly #run: number;
  readonly #target: number;
  readonly #places: Uint32Array;
  #bytes: Uint8Array;
  #words: Uint32Array;
  #view: DataView;
  #used = BLOCK_HEADER_BYTES;
  #maxLsn = 0;
  #seed: number;
  /** The number of the block that is being built. */
  #number = 0;
  count = 0;

  /** `target`: bytes a block should have; one large record may make it longer. */
  constructor(run: number, target: number) {
    this.#run = run;
    this.#target = target;
    this.#seed = blockSeed(run, 0);
    this.#places = new Uint32Array(1 + Math.ceil(target / storedBytes(1, 0)));
    this.#bytes = new Uint8Array(alignUp(2 * target, BLOCK_GRAIN));
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Whether the record still fits. The first record of a block always does. */
  fits(keyLength: number, valueLength: number): boolean {
    if (this.count === 0) return true;
    const places = 4 * (this.count + 1);
    return this.#used + storedBytes(keyLength, valueLength) + places <= this.#target;
  }

  /** How the last record's key compares to another: negative when it comes before. */
  compareLastKey(bytes: Uint8Array, keyOffset: number, keyLength: number): number {
    const place = this.#places[this.count - 1]!;
    const length = this.#words[place >> 2]!;
    const start = place + RECORD_HEADER_BYTES;
    return compareRange(this.#bytes, start, length, bytes, keyOffset, keyLength);
  }

  /** The last record's key. Valid until the next `add`. */
  get lastKey(): Uint8Array {
    const start = this.#places[this.count - 1]! + RECORD_HEADER_BYTES;
    const length = this.#words[(start - RECORD_HEADER_BYTES) >> 2]!;
    return this.#bytes.subarray(start, start + length);
  }

  /** Answers where in the block the record begins. */
  add(record: RecordSource): number {
    const { keyLength, valueLength } = record;
    const start = this.#used;
    const end = start + storedBytes(keyLength, valueLength);
    const checkAt = (end - RECORD_CHECK_BYTES) >> 2;
    if (end + 4 * (this.count + 1) > this.#bytes.length) this.#grow(end);
    this.#words[start >> 2] = keyLength;
    this.#words[(start >> 2) + 1] = record.isTombstone ? TOMBSTONE : valueLength;
    this.#view.setFloat64(start + 8, record.lsn, true);
    this.#copy(record, (start + RECORD_HEADER_BYTES) >> 2, checkAt);
    this.#words[checkAt] = recordCheck(this.#words, start >> 2, checkAt, this.#seed);
    this.#places[this.count++] = start;
    if (record.lsn > this.#maxLsn) this.#maxLsn = record.lsn;
    this.#used = end;
    return start;
  }

  /** Ends the block; the next one follows it. The bytes are valid until the next `add`. */
  seal(): Uint8Array {
    const size = alignUp(this.#used + 4 * this.count, BLOCK_GRAIN);
    if (size > this.#bytes.length) this.#grow(size);
    this.#bytes.fill(0, this.#used, size);
    for (let i = 0; i < this.count; i++) this.#words[(size >> 2) - 1 - i] = this.#places[i]!;
    this.#words[1] = size;
    this.#words[2] = this.count;
    this.#words[3] = this.#number;
    this.#view.setFloat64(16, this.#run, true);
    this.#view.setFloat64(24, this.#maxLsn, true);
    this.#words[0] = checksum(this.#bytes, 4, size, this.#seed);
    this.#seed = blockSeed(this.#run, ++this.#number);
    this.#used = BLOCK_HEADER_BYTES;
    this.#maxLsn = 0;
    this.count = 0;
    return this.#bytes.subarray(0, size);
  }

  #copy(record: RecordSource, to: number, end: number): void {
    const { words } = record;
    const from = record.keyOffset >> 2;
    const target = this.#words;
    if (end - to > COPY_WORDS_MAX) target.set(words.subarray(from, from + end - to), to);
    else for (let i = 0, n = end - to; i < n; i++) target[to + i] = words[from + i]!;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(alignUp(2 * needed + BLOCK_GRAIN, BLOCK_GRAIN));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
    this.#words = new Uint32Array(larger.buffer);
    this.#view = new DataView(larger.buffer);
  }
}

/** Bytes of a record with its check. */
function storedBytes(keyLength: number, valueLength: number): number {
  return recordBytes(keyLength, valueLength) + RECORD_CHECK_BYTES;
}
