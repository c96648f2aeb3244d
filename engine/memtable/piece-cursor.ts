/**
 * PieceCursor: walks one sorted piece of a memtable, in either direction, within a key range.
 */
import { compareRange } from '../format/bytes.ts';
import type { Cursor, CursorRange } from '../run/record.ts';
import type { EntryTable } from './sort-entries.ts';

/** What a cursor needs to know of a memtable, live or sealed. */
export interface TableEntries extends EntryTable {
  readonly lsns: Float64Array;
  valueOffset(entry: number): number;
  /** 0 for a tombstone. */
  valueLength(entry: number): number;
  isTombstone(entry: number): boolean;
}

export class PieceCursor implements Cursor {
  readonly #table: TableEntries;
  readonly #piece: Uint32Array;
  readonly #step: 1 | -1;
  readonly #end: number;
  #position: number;

  constructor(table: TableEntries, piece: Uint32Array, range: CursorRange) {
    this.#table = table;
    this.#piece = piece;
    const low = range.from === undefined ? 0 : lowerBound(table, piece, range.from);
    const high = range.to === undefined ? piece.length : lowerBound(table, piece, range.to);
    this.#step = range.reverse ? -1 : 1;
    const empty = low >= high;
    this.#position = range.reverse ? high - 1 : low;
    this.#end = empty ? this.#position : range.reverse ? low - 1 : high;
  }

  get valid(): boolean {
    return this.#position !== this.#end;
  }

  get bytes(): Uint8Array {
    return this.#table.bytes;
  }

  get keyOffset(): number {
    return this.#table.keyOffset(this.#entry);
  }

  get keyLength(): number {
    return this.#table.keyLength(this.#entry);
  }

  get valueOffset(): number {
    return this.#table.valueOffset(this.#entry);
  }

  get valueLength(): number {
    return this.#table.valueLength(this.#entry);
  }

  get lsn(): number {
    return this.#table.lsns[this.#entry]!;
  }

  get isTombstone(): boolean {
    return this.#table.isTombstone(this.#entry);
  }

  next(): void {
    this.#position += this.#step;
  }

  close(): void {
    this.#position = this.#end;
  }

  get #entry(): number {
    return this.#piece[this.#position]!;
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
