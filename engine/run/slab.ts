/** Slab: memory that holds blocks, by bytes, by words and for numbers that lie anywhere. */
export interface Slab {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
}

/** The frames of one run's blocks, by block number: 0 where a block is not here. */
export type FrameTable = Int32Array;

/** Requires: bytes that begin at a multiple of 4. */
export function slabOver(bytes: Uint8Array): Slab {
  return {
    bytes,
    words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2),
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}
