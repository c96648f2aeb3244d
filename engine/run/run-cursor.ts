/**
 * RunCursor: walks the versions of one run, in either direction, within a key range.
 */
import { compareRange } from '../format/bytes.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import type { CachedBlock } from './block-cache.ts';
import type { Cursor, CursorRange } from './record.ts';
import { RECORD_HEADER_BYTES } from './run-format.ts';
import { placeOf, type RunReader } from './run-reader.ts';

export class RunCursor implements Cursor {
  readonly #run: RunReader;
  readonly #range: CursorRange;
  #block!: CachedBlock;
  #number = 0;
  #record = 0;
  #place = 0;
  #held = true;
  valid = false;

  constructor(run: RunReader, range: CursorRange) {
    this.#run = run;
    this.#range = range;
    run.hold();
    this.#seek();
  }

  get bytes(): Uint8Array {
    return this.#block.bytes;
  }

  get keyOffset(): number {
    return this.#place + RECORD_HEADER_BYTES;
  }

  get keyLength(): number {
    return this.#block.view.getUint32(this.#place, true);
  }

  get valueOffset(): number {
    return this.keyOffset + this.keyLength;
  }

  get valueLength(): number {
    const length = this.#block.view.getUint32(this.#place + 4, true);
    return length === TOMBSTONE ? 0 : length;
  }

  get lsn(): number {
    return this.#block.view.getFloat64(this.#place + 8, true);
  }

  get isTombstone(): boolean {
    return this.#block.view.getUint32(this.#place + 4, true) === TOMBSTONE;
  }

  next(): void {
    if (this.#range.reverse) this.#moveTo(this.#number, this.#record - 1);
    else this.#moveTo(this.#number, this.#record + 1);
    this.#checkBound();
  }

  close(): void {
    if (!this.#held) return;
    this.#held = false;
    this.valid = false;
    this.#run.release();
  }

  #seek(): void {
    const { from, to, reverse } = this.#range;
    if (reverse) {
      const number = to === undefined ? this.#run.blocks - 1 : this.#run.blockBefore(to);
      const block = this.#run.block(number);
      const end = to === undefined ? block.records : lowerBound(block, to);
      this.#block = block;
      this.#moveTo(number, end - 1);
    } else {
      const number = from === undefined ? 0 : this.#run.blockBefore(from);
      const block = this.#run.block(number);
      this.#block = block;
      this.#moveTo(number, from === undefined ? 0 : lowerBound(block, from));
    }
    this.#checkBound();
  }

  /** Points at record `record` of block `number`, or at the neighbour when that is outside. */
  #moveTo(number: number, record: number): void {
    let block = number === this.#number && this.#block !== undefined ? this.#block : undefined;
    block ??= this.#run.block(number);
    if (record < 0) {
      if (number === 0) {
        this.valid = false;
        return;
      }
      number--;
      block = this.#run.block(number);
      record = block.records - 1;
    } else if (record >= block.records) {
      if (number + 1 === this.#run.blocks) {
        this.valid = false;
        return;
      }
      number++;
      block = this.#run.block(number);
      record = 0;
    }
    this.#block = block;
    this.#number = number;
    this.#record = record;
    this.#place = placeOf(block, record);
    this.valid = true;
  }

  #checkBound(): void {
    if (!this.valid) return;
    const { from, to, reverse } = this.#range;
    const bound = reverse ? from : to;
    if (bound === undefined) return;
    const { bytes, keyOffset, keyLength } = this;
    const order = compareRange(bytes, keyOffset, keyLength, bound, 0, bound.length);
    if (reverse ? order < 0 : order >= 0) this.valid = false;
  }
}

/** The first record of the block whose key is at least `key`. */
function lowerBound(block: CachedBlock, key: Uint8Array): number {
  let low = 0;
  let high = block.records;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const place = placeOf(block, middle);
    const length = block.view.getUint32(place, true);
    const start = place + RECORD_HEADER_BYTES;
    if (compareRange(block.bytes, start, length, key, 0, key.length) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
