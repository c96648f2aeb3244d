/**
 * Snapshot: the store as it was at one lsn, for as long as it is open. Reads never wait for
 * writers and never see later commits. Close it: an open snapshot holds back reclamation.
 */
import { StoreError } from '../errors.ts';
import type { Cursor } from '../run/record.ts';
import { OpenRanges } from './open-ranges.ts';
import { type RangeBounds, type RangeOptions, rangeBounds } from './range-options.ts';
import { type KeyValue, visibleRecords } from './range-read.ts';

/** The database as snapshots and transactions use it. */
export interface Reader {
  /** Its own ranges: those of snapshots and transactions end with them. */
  readonly ranges: OpenRanges;
  /** A copy of the value at `lsn`. Throws StoreError `invalid-argument`, `store-closed`. */
  getAt(key: Uint8Array, lsn: number): Uint8Array | undefined;
  cursor(bounds: RangeBounds): Cursor;
  closeSnapshot(lsn: number): void;
}

export class Snapshot {
  readonly #reader: Reader;
  readonly #timestamp: number;
  readonly #ranges: OpenRanges;
  #open = true;

  constructor(reader: Reader, timestamp: number) {
    this.#reader = reader;
    this.#ranges = new OpenRanges(reader.ranges);
    this.#timestamp = timestamp;
  }

  /** The last commit it shows. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** A copy of the value, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    this.#refuseIfClosed();
    return this.#reader.getAt(key, this.#timestamp);
  }

  /** Records in key order. It begins when the first is asked for, and ends with the snapshot. */
  range(options?: RangeOptions): Generator<KeyValue, void, void> {
    this.#refuseIfClosed();
    const bounds = rangeBounds(options);
    return visibleRecords(this.#ranges, bounds, () => ({
      cursor: this.#reader.cursor(bounds),
      atLsn: this.#timestamp,
    }));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ranges.end(closed);
    this.#reader.closeSnapshot(this.#timestamp);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #refuseIfClosed(): void {
    if (!this.#open) throw closed();
  }
}

function closed(): StoreError {
  return new StoreError('transaction-finished', 'the snapshot is closed', true);
}
