/**
 * PendingRange: walks what a transaction had written when the walk began, in key order, in either
 * direction. Later writes do not show: it looks at pieces and memory that never change.
 *
 * It copies nothing ahead of its being asked for, because copies are the caller's to write to.
 *
 * A piece holds numbers of writes, by key and then newest first. The pieces of a transaction are
 * few, because they are merged as they grow, so the smallest key is looked for in all.
 */
import { compareRange, copyRange } from '../format/bytes.ts';
import type { Cursor, CursorRange } from '../run/record.ts';
import { ENTRY_HEADER_BYTES, TOMBSTONE } from '../wal/log-format.ts';

/** Entries in memory, found by their numbers. */
export interface NumberedEntries {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Where entry i begins. */
  readonly offsets: readonly number[];
}

export type Piece = readonly number[];

export class PendingRange {
  readonly #entries: NumberedEntries;
  readonly #pieces: readonly Piece[];
  readonly #positions: number[] = [];
  readonly #ends: number[] = [];
  readonly #step: 1 | -1;
  /** The write it stands at. */
  #newest = -1;

  constructor(entries: NumberedEntries, pieces: readonly Piece[], range: CursorRange) {
    this.#entries = entries;
    this.#pieces = pieces;
    this.#step = range.reverse ? -1 : 1;
    for (const piece of pieces) {
      const low = range.from === undefined ? 0 : lowerBound(entries, piece, range.from);
      const high = range.to === undefined ? piece.length : lowerBound(entries, piece, range.to);
      const isEmpty = low >= high;
      this.#positions.push(range.reverse ? high - 1 : low);
      this.#ends.push(isEmpty ? this.#positions.at(-1)! : range.reverse ? low - 1 : high);
    }
    this.next();
  }

  /** Whether there is a further key. */
  get valid(): boolean {
    return this.#newest >= 0;
  }

  /** A copy of the value that was last written to the key it stands at, `undefined` if deleted. */
  get value(): Uint8Array | undefined {
    const { bytes, words, offsets } = this.#entries;
    const offset = offsets[this.#newest]!;
    const length = words[(offset >> 2) + 1]!;
    if (length === TOMBSTONE) return undefined;
    return copyRange(bytes, offset + ENTRY_HEADER_BYTES + words[offset >> 2]!, length);
  }

  /** A copy. */
  get key(): Uint8Array {
    const { bytes, words, offsets } = this.#entries;
    const offset = offsets[this.#newest]!;
    return copyRange(bytes, offset + ENTRY_HEADER_BYTES, words[offset >> 2]!);
  }

  /** Whether it comes before (negative) or after (positive) the key that a cursor points at. */
  compareTo({ bytes, keyOffset, keyLength }: Cursor): number {
    const { bytes: own, words, offsets } = this.#entries;
    const offset = offsets[this.#newest]!;
    const start = offset + ENTRY_HEADER_BYTES;
    const length = words[offset >> 2]!;
    return this.#step * compareRange(own, start, length, bytes, keyOffset, keyLength);
  }

  /** Moves to the next key. */
  next(): void {
    let newest = -1;
    for (let i = 0; i < this.#pieces.length; i++) {
      const write = this.#at(i);
      if (write < 0) continue;
      const order = newest < 0 ? -1 : this.#step * compareEntries(this.#entries, write, newest);
      if (order < 0 || (order === 0 && write > newest)) newest = write;
    }
    this.#newest = newest;
    if (newest < 0) return;
    // In reverse, older writes of a key come first within a piece.
    for (let i = 0; i < this.#pieces.length; i++) {
      for (let write = this.#at(i); write >= 0; write = this.#at(i)) {
        if (compareEntries(this.#entries, write, newest) !== 0) break;
        this.#newest = Math.max(this.#newest, write);
        this.#positions[i]! += this.#step;
      }
    }
  }

  #at(piece: number): number {
    const position = this.#positions[piece]!;
    return position === this.#ends[piece] ? -1 : this.#pieces[piece]![position]!;
  }
}

export function compareEntries(entries: NumberedEntries, a: number, b: number): number {
  const { bytes, words, offsets } = entries;
  const [first, second] = [offsets[a]!, offsets[b]!];
  return compareRange(
    bytes,
    first + ENTRY_HEADER_BYTES,
    words[first >> 2]!,
    bytes,
    second + ENTRY_HEADER_BYTES,
    words[second >> 2]!,
  );
}

/** The first position of `piece` whose key is at least `key`. */
function lowerBound(entries: NumberedEntries, piece: Piece, key: Uint8Array): number {
  const { bytes, words, offsets } = entries;
  let low = 0;
  let high = piece.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const offset = offsets[piece[middle]!]!;
    const start = offset + ENTRY_HEADER_BYTES;
    const order = compareRange(bytes, start, words[offset >> 2]!, key, 0, key.length);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
