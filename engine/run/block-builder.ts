/**
 * BlockBuilder: gathers records of one block and seals it with its header, places and checksum.
 */
import { alignUp } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import type { RecordSource } from './record.ts';
import {
  BLOCK_GRAIN,
  BLOCK_HEADER_BYTES,
  blockSeed,
  RECORD_HEADER_BYTES,
  RECORDS_PER_BLOCK_MAX,
  recordBytes,
} from './run-format.ts';

export class BlockBuilder {
  readonly #run: number;
  readonly #target: number;
  readonly #places = new Uint32Array(RECORDS_PER_BLOCK_MAX);
  #bytes: Uint8Array;
  #view: DataView;
  #used = BLOCK_HEADER_BYTES;
  #maxLsn = 0;
  count = 0;

  /** `target`: bytes a block should have; one large record may make it longer. */
  constructor(run: number, target: number) {
    this.#run = run;
    this.#target = target;
    this.#bytes = new Uint8Array(2 * target);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Whether the record still fits. The first record of a block always does. */
  fits(keyLength: number, valueLength: number): boolean {
    if (this.count === 0) return true;
    if (this.count === RECORDS_PER_BLOCK_MAX) return false;
    const places = 4 * (this.count + 1);
    return this.#used + recordBytes(keyLength, valueLength) + places <= this.#target;
  }

  add(record: RecordSource): void {
    const { keyLength, valueLength } = record;
    const start = this.#used;
    const end = start + recordBytes(keyLength, valueLength);
    if (end + 4 * (this.count + 1) > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(start, keyLength, true);
    this.#view.setUint32(start + 4, record.isTombstone ? TOMBSTONE : valueLength, true);
    this.#view.setFloat64(start + 8, record.lsn, true);
    const key = start + RECORD_HEADER_BYTES;
    const { bytes, keyOffset, valueOffset } = record;
    this.#bytes.set(bytes.subarray(keyOffset, keyOffset + keyLength), key);
    this.#bytes.set(bytes.subarray(valueOffset, valueOffset + valueLength), key + keyLength);
    this.#bytes.fill(0, key + keyLength + valueLength, end);
    this.#places[this.count++] = start;
    if (record.lsn > this.#maxLsn) this.#maxLsn = record.lsn;
    this.#used = end;
  }

  /** Ends the block as number `block` of its run. The bytes are valid until the next `add`. */
  seal(block: number): Uint8Array {
    const size = alignUp(this.#used + 4 * this.count, BLOCK_GRAIN);
    if (size > this.#bytes.length) this.#grow(size);
    this.#bytes.fill(0, this.#used, size);
    for (let i = 0; i < this.count; i++) {
      this.#view.setUint32(size - 4 * (i + 1), this.#places[i]!, true);
    }
    this.#view.setUint32(4, size, true);
    this.#view.setUint32(8, this.count, true);
    this.#view.setUint32(12, block, true);
    this.#view.setFloat64(16, this.#run, true);
    this.#view.setFloat64(24, this.#maxLsn, true);
    const crc = checksum(this.#bytes, 4, size, blockSeed(this.#run, block));
    this.#view.setUint32(0, crc, true);
    this.#used = BLOCK_HEADER_BYTES;
    this.#maxLsn = 0;
    this.count = 0;
    return this.#bytes.subarray(0, size);
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(alignUp(2 * needed + BLOCK_GRAIN, BLOCK_GRAIN));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
