/**
 * RunCursor: walks the versions of one run, in either direction, within a key range. What it
 * points at is in plain fields, set when it moves.
 */
import { compareRange } from '../format/bytes.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import { type Block, type BlockSource, recordBytesAt } from './block.ts';
import { type Cursor, type CursorRange, headOf } from './record.ts';
import { RECORD_HEADER_BYTES } from './run-format.ts';

export class RunCursor implements Cursor {
  readonly #run: BlockSource;
  readonly #reverse: boolean;
  readonly #bound: Uint8Array | undefined;
  readonly #checkBytes: number;
  #block: Block | undefined;
  /** Of the block, as the run counts it. */
  #number = 0;
  #view!: DataView;
  #record = 0;
  #place = 0;
  #held = true;
  valid = false;
  bytes!: Uint8Array;
  words!: Uint32Array;
  keyOffset = 0;
  keyLength = 0;
  valueLength = 0;
  lsn = 0;
  head = 0;
  isTombstone = false;

  constructor(run: BlockSource, range: CursorRange) {
    this.#run = run;
    this.#reverse = range.reverse;
    this.#bound = range.reverse ? range.from : range.to;
    run.hold();
    try {
      this.#checkBytes = run.checkBytes;
      this.#seek(range);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  next(): void {
    const block = this.#block!;
    if (this.#reverse) {
      if (this.#record === 0) this.#enter(this.#number - 1, -1);
      else this.#point(this.#record - 1, block.placeOf(this.#record - 1));
    } else if (this.#record + 1 === block.records) this.#enter(this.#number + 1, 0);
    else {
      const bytes = recordBytesAt(this.words, this.#place) + this.#checkBytes;
      this.#point(this.#record + 1, this.#place + bytes);
    }
  }

  close(): void {
    if (!this.#held) return;
    this.#held = false;
    this.valid = false;
    this.#unpin();
    this.#run.release();
  }

  #seek({ from, to, reverse }: CursorRange): void {
    const run = this.#run;
    const edge = reverse ? to : from;
    if (edge === undefined) {
      this.#enter(reverse ? run.blocks - 1 : 0, reverse ? -1 : 0);
      return;
    }
    const number = run.blockBefore(edge);
    this.#take(number);
    const first = this.#block!.lowerBound(edge);
    if (reverse) {
      if (first === 0) this.#enter(number - 1, -1);
      else this.#point(first - 1, this.#block!.placeOf(first - 1));
    } else if (first === this.#block!.records) this.#enter(number + 1, 0);
    else this.#point(first, this.#block!.placeOf(first));
  }

  /** Points at record `record` of block `number`; -1 is the last. Ends outside the run. */
  #enter(number: number, record: 0 | -1): void {
    if (number < 0 || number >= this.#run.blocks) {
      this.valid = false;
      this.#unpin();
      return;
    }
    this.#take(number);
    const block = this.#block!;
    const index = record === 0 ? 0 : block.records - 1;
    this.#point(index, block.placeOf(index));
  }

  #take(number: number): void {
    this.#unpin();
    const block = this.#run.block(number);
    this.#block = block;
    this.#number = number;
    this.bytes = block.slab.bytes;
    this.words = block.slab.words;
    this.#view = block.slab.view;
  }

  #unpin(): void {
    if (this.#block !== undefined) this.#run.unpin(this.#block);
    this.#block = undefined;
  }

  #point(record: number, place: number): void {
    this.#record = record;
    this.#place = place;
    const { words, bytes } = this;
    const keyLength = words[place >> 2]!;
    const valueLength = words[(place >> 2) + 1]!;
    const keyOffset = place + RECORD_HEADER_BYTES;
    this.keyLength = keyLength;
    this.keyOffset = keyOffset;
    this.isTombstone = valueLength === TOMBSTONE;
    this.valueLength = valueLength === TOMBSTONE ? 0 : valueLength;
    this.lsn = this.#view.getFloat64(place + 8, true);
    this.head = headOf(bytes, keyOffset, keyLength);
    const bound = this.#bound;
    if (bound === undefined) {
      this.valid = true;
      return;
    }
    const order = compareRange(bytes, keyOffset, keyLength, bound, 0, bound.length);
    this.valid = this.#reverse ? order >= 0 : order < 0;
  }
}
