/**
 * OpenRanges: the ranges that are being read from one owner (a store, a snapshot, a transaction).
 * They end with it: their cursors are closed, and further reads throw.
 *
 * A range that was never begun holds nothing and is not listed here.
 */
import type { StoreError } from '../errors.ts';
import type { Cursor } from '../run/record.ts';

/** One range that is being read. */
export class OpenRange {
  readonly #owner: OpenRanges;
  readonly cursor: Cursor;
  /** Makes the error that a further read throws once the owner has ended. */
  refusal: (() => StoreError) | undefined;

  constructor(owner: OpenRanges, cursor: Cursor) {
    this.#owner = owner;
    this.cursor = cursor;
  }

  get owner(): OpenRanges {
    return this.#owner;
  }
}

export class OpenRanges {
  /** The store's, of a snapshot or transaction: it lists their ranges too. */
  readonly #store: OpenRanges | undefined;
  readonly #ranges: Set<OpenRange>;
  #count = 0;
  #refusal: (() => StoreError) | undefined;

  constructor(store?: OpenRanges) {
    this.#store = store;
    this.#ranges = store === undefined ? new Set() : store.#ranges;
  }

  /** Throws StoreError `store-closed` or `transaction-finished` once the owner has ended. */
  refuseIfEnded(): void {
    this.#store?.refuseIfEnded();
    if (this.#refusal !== undefined) throw this.#refusal();
  }

  add(cursor: Cursor): OpenRange {
    const range = new OpenRange(this, cursor);
    this.#ranges.add(range);
    this.#count++;
    return range;
  }

  /** Closes a range's cursor. Does nothing for one that is closed already. */
  close(range: OpenRange): void {
    if (!this.#ranges.delete(range)) return;
    this.#count--;
    range.cursor.close();
  }

  /** Closes all; further reads throw the error of `refusal`. Never throws. */
  end(refusal: () => StoreError): void {
    this.#refusal ??= refusal;
    if (this.#store !== undefined && this.#count === 0) return;
    for (const range of this.#ranges) {
      if (this.#store !== undefined && range.owner !== this) continue;
      range.refusal = refusal;
      try {
        range.owner.close(range);
      } catch {
        // A file that nobody needs could not be removed; opening the store removes it.
      }
    }
  }
}
