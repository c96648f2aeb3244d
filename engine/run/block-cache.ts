/**
 * BlockCache: decoded blocks of all runs, bounded in bytes, evicted by CLOCK (second chance).
 *
 * Invariants:
 * 1. A block enters only after its checksum matched, so a hit needs no check.
 * 2. Evicting forgets a block but never changes its bytes: a reader that holds it may go on.
 */
export interface CachedBlock {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly records: number;
  /** Where the cache keeps it; the slot of an evicted block is reused. */
  slot: number;
  recentlyUsed: boolean;
}

/** The blocks of one run by number: holes where a block is not cached. */
export type BlockShelf = (CachedBlock | undefined)[];

interface Occupant {
  readonly shelf: BlockShelf;
  readonly number: number;
  readonly block: CachedBlock;
}

export class BlockCache {
  readonly #limitBytes: number;
  #occupants: Occupant[] = [];
  #hand = 0;
  usedBytes = 0;
  hits = 0;
  misses = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  insert(shelf: BlockShelf, number: number, bytes: Uint8Array): CachedBlock {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = view.getUint32(8, true);
    const block = { bytes, view, records, slot: this.#occupants.length, recentlyUsed: true };
    this.misses++;
    while (this.usedBytes + bytes.length > this.#limitBytes && this.#occupants.length > 0) {
      this.#evictOne();
    }
    if (this.usedBytes + bytes.length > this.#limitBytes) return block;
    block.slot = this.#occupants.length;
    this.#occupants.push({ shelf, number, block });
    shelf[number] = block;
    this.usedBytes += bytes.length;
    return block;
  }

  /** Forgets every block of a run that is no longer read. */
  drop(shelf: BlockShelf): void {
    for (const block of shelf) if (block !== undefined) this.#remove(block.slot);
  }

  #evictOne(): void {
    for (;;) {
      this.#hand = this.#hand >= this.#occupants.length ? 0 : this.#hand;
      const { block } = this.#occupants[this.#hand]!;
      if (!block.recentlyUsed) {
        this.#remove(this.#hand);
        return;
      }
      block.recentlyUsed = false;
      this.#hand++;
    }
  }

  /** Takes the occupant of `slot` out and moves the last one into its place. */
  #remove(slot: number): void {
    const gone = this.#occupants[slot]!;
    const last = this.#occupants.pop()!;
    if (last !== gone) {
      this.#occupants[slot] = last;
      last.block.slot = slot;
    }
    gone.shelf[gone.number] = undefined;
    this.usedBytes -= gone.block.bytes.length;
  }
}
