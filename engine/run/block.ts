/**
 * Block: one block of a run in memory, its records by number, and whether its bytes are what they
 * should be.
 */
import { compareRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import { BLOCK_GRAIN, blockSeed, RECORD_HEADER_BYTES, recordBytes } from './run-format.ts';
import type { Slab } from './slab.ts';

export class Block {
  readonly slab: Slab;
  /** Where the block begins in its slab. */
  readonly base: number;
  readonly size: number;
  readonly number: number;
  readonly records: number;
  /** Its frame in the cache; 0 if it is not cached. */
  readonly frame: number;

  constructor(slab: Slab, base: number, number: number, frame: number) {
    this.slab = slab;
    this.base = base;
    this.number = number;
    this.frame = frame;
    this.size = slab.words[(base >> 2) + 1]!;
    this.records = slab.words[(base >> 2) + 2]!;
  }

  /** Where record `index` begins in the slab. */
  placeOf(index: number): number {
    return this.base + this.slab.words[((this.base + this.size) >> 2) - 1 - index]!;
  }

  /** The first record whose key is at least `key`. */
  lowerBound(key: Uint8Array): number {
    const { bytes, words } = this.slab;
    let low = 0;
    let high = this.records;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = this.placeOf(middle);
      const start = place + RECORD_HEADER_BYTES;
      if (compareRange(bytes, start, words[place >> 2]!, key, 0, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Hands out blocks to a cursor, which releases each when it needs it no longer. */
export interface BlockSource {
  readonly blocks: number;
  /** Bytes behind each record: see `checkBytesOf`. */
  readonly checkBytes: number;
  /** Throws StoreError `corruption`. */
  block(number: number): Block;
  unpin(block: Block): void;
  /** The last block whose first key is below `key` (block 0 when there is none). */
  blockBefore(key: Uint8Array): number;
  hold(): void;
  release(): void;
}

/** The reason why the bytes are not block `number` of run `run`; `undefined` if they are. */
export function blockFault(bytes: Uint8Array, run: number, number: number): string | undefined {
  if (bytes.length < BLOCK_GRAIN) return 'the block is cut off';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crc = checksum(bytes, 4, bytes.length, blockSeed(run, number));
  if (view.getUint32(0, true) !== crc) return `the checksum of block ${number} does not match`;
  if (view.getUint32(4, true) !== bytes.length) return `block ${number} has the wrong length`;
  return undefined;
}

export interface RecordPlace {
  readonly place: number;
  readonly keyLength: number;
  /** 0 for a tombstone. */
  readonly valueLength: number;
  readonly isTombstone: boolean;
  readonly lsn: number;
}

/** Visits the records of a whole block's bytes, in order. Requires: no fault. */
export function eachRecord(bytes: Uint8Array, visit: (record: RecordPlace) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = view.getUint32(8, true);
  for (let i = 0; i < records; i++) {
    const place = view.getUint32(bytes.length - 4 * (i + 1), true);
    const length = view.getUint32(place + 4, true);
    const isTombstone = length === TOMBSTONE;
    visit({
      place,
      keyLength: view.getUint32(place, true),
      valueLength: isTombstone ? 0 : length,
      isTombstone,
      lsn: view.getFloat64(place + 8, true),
    });
  }
}

/** Bytes of the record that begins at `place`, without its check. */
export function recordBytesAt(words: Uint32Array, place: number): number {
  const length = words[(place >> 2) + 1]!;
  return recordBytes(words[place >> 2]!, length === TOMBSTONE ? 0 : length);
}
