/**
 * How records travel between memtables, runs, merges and readers: no object per record, but one
 * cursor that points at the current one. What it points at is valid until it moves.
 *
 * Key and value stand behind each other, begin at a multiple of four bytes, and are padded with
 * zeros to one: so they are copied by words.
 */
export interface RecordSource {
  /** The buffer that holds the key and, right behind it, the value. */
  readonly bytes: Uint8Array;
  /** The same buffer, by words. */
  readonly words: Uint32Array;
  readonly keyOffset: number;
  readonly keyLength: number;
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
  /** The first four bytes of the key, big-endian, padded with zeros: decides most comparisons. */
  readonly head: number;
  next(): void;
  /** Releases what it holds (files, blocks). May be called twice. */
  close(): void;
}

/** Where a walk begins and ends: `from <= key < to`. */
export interface CursorRange {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
  readonly reverse: boolean;
}

/** What a cursor states as `head`. */
export function headOf(bytes: Uint8Array, keyOffset: number, keyLength: number): number {
  if (keyLength >= 4) {
    const high = (bytes[keyOffset]! << 24) | (bytes[keyOffset + 1]! << 16);
    return (high | (bytes[keyOffset + 2]! << 8) | bytes[keyOffset + 3]!) >>> 0;
  }
  let head = 0;
  for (let i = 0; i < 4; i++) head = (head << 8) | (i < keyLength ? bytes[keyOffset + i]! : 0);
  return head >>> 0;
}
