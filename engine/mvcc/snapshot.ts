/**
 * Snapshot: the store as it was at one lsn, for as long as it is open. Reads never wait for
 * writers and never see later commits. Close it: an open snapshot holds back reclamation.
 */
import { StoreError } from '../errors.ts';
import type { KeyValue, RangeOptions } from './range-read.ts';

/** What a snapshot and a transaction need of the database. */
export interface Reader {
  getAt(key: Uint8Array, lsn: number): Uint8Array | undefined;
  rangeAt(options: RangeOptions, lsn: number): Generator<KeyValue, void, void>;
  closeSnapshot(lsn: number): void;
}

export class Snapshot {
  readonly #reader: Reader;
  /** The last commit it shows. */
  readonly timestamp: number;
  #open = true;

  constructor(reader: Reader, timestamp: number) {
    this.#reader = reader;
    this.timestamp = timestamp;
  }

  /** A copy of the value, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    this.#refuseIfClosed();
    return this.#reader.getAt(key, this.timestamp);
  }

  range(options: RangeOptions = {}): Generator<KeyValue, void, void> {
    this.#refuseIfClosed();
    return this.#reader.rangeAt(options, this.timestamp);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#reader.closeSnapshot(this.timestamp);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #refuseIfClosed(): void {
    if (this.#open) return;
    throw new StoreError('transaction-finished', 'the snapshot is closed', true);
  }
}
