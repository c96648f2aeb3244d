/**
 * SortedPieces: the order of a memtable, for range reads.
 *
 * Entries are sorted in pieces of about 1,000 as they come, and pieces are merged geometrically:
 * each is at least twice the next, so there are O(log n) of them and an entry is merged O(log n)
 * times. A range therefore never pays for the whole tail. Upkeep begins with the first range read
 * of the store, because a store that is only loaded should not pay for an order nobody asks for.
 *
 * Order within a piece: key ascending, then newest first.
 */
import { compareEntries, type EntryTable, sortEntries } from './sort-entries.ts';

const UNSORTED_MAX = 1000;

export class SortedPieces {
  readonly #table: EntryTable;
  #pieces: Uint32Array[] = [];
  #sorted = 0;

  constructor(table: EntryTable) {
    this.#table = table;
  }

  /** Sorts what has gathered when it is more than a piece. Called after commits. */
  keepUp(): void {
    if (this.#table.count - this.#sorted >= UNSORTED_MAX) this.#takeIn();
  }

  /** Every entry committed so far, as sorted pieces. The arrays never change afterwards. */
  current(): readonly Uint32Array[] {
    if (this.#sorted < this.#table.count) this.#takeIn();
    return this.#pieces;
  }

  #takeIn(): void {
    const table = this.#table;
    const piece = new Uint32Array(table.count - this.#sorted);
    for (let i = 0; i < piece.length; i++) piece[i] = this.#sorted + i;
    const pieces = [...this.#pieces, sortEntries(table, piece)];
    while (pieces.length > 1 && pieces.at(-2)!.length < 2 * pieces.at(-1)!.length) {
      const newer = pieces.pop()!;
      pieces.push(mergePieces(table, pieces.pop()!, newer));
    }
    this.#pieces = pieces;
    this.#sorted = table.count;
  }
}

function mergePieces(table: EntryTable, older: Uint32Array, newer: Uint32Array): Uint32Array {
  const merged = new Uint32Array(older.length + newer.length);
  let i = 0;
  let j = 0;
  for (let k = 0; k < merged.length; k++) {
    const takeNewer =
      i === older.length || (j < newer.length && compareEntries(table, newer[j]!, older[i]!) < 0);
    merged[k] = takeNewer ? newer[j++]! : older[i++]!;
  }
  return merged;
}
