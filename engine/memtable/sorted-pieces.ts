/**
 * SortedPieces: the order of a memtable, for range reads.
 *
 * Entries are sorted in pieces of about 1,000 as they come. Ranges, and nobody else, pay for merging
 * pieces: each merges one stretch of neighbours that are about as large, up to 16,384 entries. So a
 * range never pays for the whole tail, a writer never for an order that nobody asks for, and where
 * ranges keep coming there are few pieces. Upkeep begins with the first range read of the store.
 *
 * Order within a piece: key ascending, then newest first. Pieces lie oldest first.
 */
import { type EntryTable, sortEntries } from './sort-entries.ts';

const UNSORTED_MAX = 1000;
const PIECE_MAX = 16_384;

export class SortedPieces {
  readonly #table: EntryTable;
  #pieces: Uint32Array[] = [];
  #sorted = 0;

  constructor(table: EntryTable) {
    this.#table = table;
  }

  /** Sorts the pending entries once they fill a piece. Called after commits. */
  keepUp(): void {
    if (this.#table.count - this.#sorted >= UNSORTED_MAX) this.#takeIn();
  }

  /** Every entry committed so far, as sorted pieces. The arrays never change afterwards. */
  current(): readonly Uint32Array[] {
    if (this.#sorted < this.#table.count) this.#takeIn();
    this.#mergeSome();
    return this.#pieces;
  }

  #takeIn(): void {
    const { count } = this.#table;
    const piece = new Uint32Array(count - this.#sorted);
    for (let i = 0; i < piece.length; i++) piece[i] = count - 1 - i;
    this.#pieces = [...this.#pieces, sortEntries(this.#table, piece)];
    this.#sorted = count;
  }

  /** Merges one stretch of pieces, the newest there is, in which none is twice the rest. */
  #mergeSome(): void {
    const pieces = this.#pieces;
    for (let end = pieces.length; end > 1; end--) {
      let first = end - 1;
      let entries = pieces[first]!.length;
      while (first > 0) {
        const { length } = pieces[first - 1]!;
        if (length >= 2 * entries || entries + length > PIECE_MAX) break;
        entries += length;
        first--;
      }
      if (end - first === 1) continue;
      const merged = new Uint32Array(entries);
      let at = 0;
      for (const piece of pieces.slice(first, end).reverse()) {
        merged.set(piece, at);
        at += piece.length;
      }
      const sorted = sortEntries(this.#table, merged);
      this.#pieces = [...pieces.slice(0, first), sorted, ...pieces.slice(end)];
      return;
    }
  }
}
