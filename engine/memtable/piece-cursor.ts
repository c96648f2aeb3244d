/**
 * PieceCursor: walks one sorted piece of a memtable, in either direction, within a key range.
 */
import { compareRange } from '../format/bytes.ts';
import { type Cursor, type CursorRange, headOf } from '../run/record.ts';
import { ENTRY_HEADER_BYTES, TOMBSTONE } from '../wal/log-format.ts';
import type { EntryTable } from './sort-entries.ts';

/** The part of a memtable, live or sealed, that a cursor reads. */
export interface TableEntries extends EntryTable {
  readonly words: Uint32Array;
  readonly offsets: Uint32Array;
  readonly lsns: Float64Array;
}

/** Entries that a forward walk reads ahead at once: their cache misses then overlap. */
const TOUCH_AHEAD = 16;

export class PieceCursor implements Cursor {
  readonly #table: TableEntries;
  readonly #piece: Uint32Array;
  #holder: { holders: number } | undefined;
  readonly #step: 1 | -1;
  readonly #end: number;
  #position: number;
  /** Keeps the reads of `#touchAhead` from being optimised away. */
  touched = 0;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  valid = false;
  keyOffset = 0;
  keyLength = 0;
  valueLength = 0;
  lsn = 0;
  head = 0;
  isTombstone = false;

  /** `holder`: counts the open cursors of what the table's memory belongs to. */
  constructor(
    table: TableEntries,
    piece: Uint32Array,
    range: CursorRange,
    holder?: { holders: number },
  ) {
    this.#table = table;
    this.#holder = holder;
    if (holder !== undefined) holder.holders++;
    this.#piece = piece;
    this.bytes = table.bytes;
    this.words = table.words;
    const low = range.from === undefined ? 0 : lowerBound(table, piece, range.from);
    const high = range.to === undefined ? piece.length : lowerBound(table, piece, range.to);
    this.#step = range.reverse ? -1 : 1;
    const empty = low >= high;
    this.#position = range.reverse ? high - 1 : low;
    this.#end = empty ? this.#position : range.reverse ? low - 1 : high;
    this.#point();
  }

  next(): void {
    this.#position += this.#step;
    this.#point();
  }

  close(): void {
    this.#position = this.#end;
    this.valid = false;
    if (this.#holder !== undefined) this.#holder.holders--;
    this.#holder = undefined;
  }

  #point(): void {
    const position = this.#position;
    this.valid = position !== this.#end;
    if (!this.valid) return;
    if (position % TOUCH_AHEAD === 0 && this.#step === 1) this.#touchAhead();
    const { words } = this;
    const { offsets, lsns } = this.#table;
    const entry = this.#piece[position]!;
    const offset = offsets[entry]!;
    const keyLength = words[offset >> 2]!;
    const valueLength = words[(offset >> 2) + 1]!;
    this.keyOffset = offset + ENTRY_HEADER_BYTES;
    this.keyLength = keyLength;
    this.isTombstone = valueLength === TOMBSTONE;
    this.valueLength = valueLength === TOMBSTONE ? 0 : valueLength;
    this.lsn = lsns[entry]!;
    this.head = headOf(this.bytes, this.keyOffset, keyLength);
  }

  #touchAhead(): void {
    const piece = this.#piece;
    const { offsets } = this.#table;
    const last = Math.min(this.#end, this.#position + TOUCH_AHEAD);
    let sum = 0;
    for (let at = this.#position; at < last; at++) {
      const word = offsets[piece[at]!]! >> 2;
      sum ^= this.words[word]! ^ this.words[word + 16]!;
    }
    this.touched = sum;
  }
}

/** The first position of `piece` whose key is at least `key`. */
function lowerBound(table: TableEntries, piece: Uint32Array, key: Uint8Array): number {
  let low = 0;
  let high = piece.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = piece[middle]!;
    const offset = table.keyOffset(entry);
    const length = table.keyLength(entry);
    if (compareRange(table.bytes, offset, length, key, 0, key.length) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
