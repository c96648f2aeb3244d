/**
 * WriteBatch: puts and deletes that commit together. A later write of a key in the same batch wins.
 * Keys and values are copied when they are added; a batch may be used again once `write` has been
 * called, whether or not that has resolved.
 */
import { described, invalidArgument, wholeNumber } from '../arguments.ts';
import { EntryArena } from './entry-arena.ts';
import { MAX_SEGMENT_BYTES } from './log-format.ts';

let entriesOf: (batch: WriteBatch) => EntryArena;

export class WriteBatch {
  readonly #entries: EntryArena;

  static {
    entriesOf = (batch) => {
      if (typeof batch === 'object' && batch !== null && #entries in batch) return batch.#entries;
      throw invalidArgument(`batch is ${described(batch)}, not a WriteBatch`);
    };
  }

  /** `bytes`: initial capacity. */
  constructor(bytes = 1024) {
    this.#entries = new EntryArena(wholeNumber('bytes', bytes, 0, MAX_SEGMENT_BYTES));
  }

  get byteLength(): number {
    return this.#entries.byteLength;
  }

  get count(): number {
    return this.#entries.count;
  }

  /** Whether it contains deletes only: those succeed on a full disk. */
  get onlyDeletes(): boolean {
    return this.#entries.onlyDeletes;
  }

  /**
   * Throws StoreError `invalid-argument`, `key-empty`, `key-too-large`, `value-too-large` or
   * `transaction-too-large`, all definite; the batch is then as it was.
   */
  put(key: Uint8Array, value: Uint8Array): void {
    this.#entries.put(key, value);
  }

  /** Throws as `put`. */
  delete(key: Uint8Array): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/**
 * What a batch holds, for the log: no part of its public face, so that nobody else writes there.
 * Throws StoreError `invalid-argument` for what is no batch.
 */
export function entriesIn(batch: WriteBatch): EntryArena {
  return entriesOf(batch);
}
