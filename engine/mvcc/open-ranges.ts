/**
 * OpenRanges: the ranges that are being read from one owner (a store, a snapshot, a transaction).
 * They end with it: what they hold is let go of, and who reads on is refused.
 *
 * A range that was never begun holds nothing and is not listed here.
 */
import type { StoreError } from '../errors.ts';
import type { Cursor } from '../run/record.ts';

export class OpenRanges {
  /** What the owner belongs to; its ranges end with that too. */
  readonly #parent: OpenRanges | undefined;
  #cursors: Set<Cursor> | undefined;
  #refusal: (() => StoreError) | undefined;

  constructor(parent?: OpenRanges) {
    this.#parent = parent;
  }

  /** Throws StoreError `store-closed` or `transaction-finished` once the owner has ended. */
  refuseIfEnded(): void {
    this.#parent?.refuseIfEnded();
    if (this.#refusal !== undefined) throw this.#refusal();
  }

  add(cursor: Cursor): void {
    this.#parent?.add(cursor);
    this.#cursors ??= new Set();
    this.#cursors.add(cursor);
  }

  /** Closes a range's cursor. Does nothing for one that is closed already. */
  close(cursor: Cursor): void {
    this.#parent?.close(cursor);
    this.#cursors?.delete(cursor);
    cursor.close();
  }

  /** Closes all; whoever reads on meets the error of `refusal`. Never throws. */
  end(refusal: () => StoreError): void {
    this.#refusal ??= refusal;
    for (const cursor of this.#cursors ?? []) {
      try {
        this.close(cursor);
      } catch {
        // A file that nobody needs could not be removed; opening the store removes it.
      }
    }
  }
}
