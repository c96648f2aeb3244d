/**
 * How records travel between memtables, runs, merges and readers: no object per record, but one
 * cursor that points at the current one. What it points at is valid until it moves.
 */
export interface RecordSource {
  /** The buffer that holds the key and the value. */
  readonly bytes: Uint8Array;
  readonly keyOffset: number;
  readonly keyLength: number;
  readonly valueOffset: number;
  /** 0 for a tombstone. */
  readonly valueLength: number;
  readonly lsn: number;
  readonly isTombstone: boolean;
}

/**
 * A walk over sorted versions. Forward: keys ascend, versions of a key from new to old.
 * Reverse: exactly the opposite order.
 */
export interface Cursor extends RecordSource {
  /** Whether it points at a record. */
  readonly valid: boolean;
  next(): void;
  /** Lets go of what it holds (files, blocks). May be called twice. */
  close(): void;
}

/** Where a walk begins and ends: `from <= key < to`. */
export interface CursorRange {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
  readonly reverse: boolean;
}
