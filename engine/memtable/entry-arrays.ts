/**
 * The arrays of a memtable that lie beside its segment's bytes (see memtable.ts), in memory that
 * threads can share.
 */

export interface EntryArrays {
  readonly offsets: Uint32Array;
  readonly lsns: Float64Array;
  readonly previous: Uint32Array;
  readonly slots: Uint32Array;
}

export function sharedArrays(capacity: number): EntryArrays {
  return {
    offsets: sharedWords(capacity),
    lsns: sharedFloats(capacity),
    previous: sharedWords(capacity),
    slots: sharedWords(4 * capacity),
  };
}

/** Of arrays, what threads share of their memory. */
export function sharedMemory({
  offsets,
  lsns,
  previous,
  slots,
}: EntryArrays): readonly SharedArrayBuffer[] {
  return [offsets, lsns, previous, slots]
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof SharedArrayBuffer);
}

function sharedWords(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}
