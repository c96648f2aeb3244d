/**
 * Memory in small pieces, cut from chunks. Simulated stores are opened thousands of times a second,
 * and an array of its own for every few kilobytes of each would cost more than opening it.
 */
const CHUNK_BYTES = 1024 * 1024;
const SMALL_BYTES = CHUNK_BYTES / 16;
const ALIGNMENT = 8;

let chunk: ArrayBufferLike = new ArrayBuffer(0);
let used = 0;
let copies: ArrayBufferLike = new ArrayBuffer(0);
let copied = 0;

/** Memory that holds zeros. Never shared with another caller. */
export function zeros(bytes: number): Uint8Array {
  if (bytes > SMALL_BYTES) return new Uint8Array(bytes);
  if (used + bytes > chunk.byteLength) {
    chunk = new ArrayBuffer(CHUNK_BYTES);
    used = 0;
  }
  const part = new Uint8Array(chunk, used, bytes);
  used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  return part;
}

/** A copy of its own. Its memory is not cleared before: most of what a simulated disk keeps is copies. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > SMALL_BYTES) return new Uint8Array(bytes);
  if (copied + length > copies.byteLength) {
    copies = Buffer.allocUnsafeSlow(CHUNK_BYTES).buffer;
    copied = 0;
  }
  const copy = new Uint8Array(copies, copied, length);
  copied += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  copy.set(bytes);
  return copy;
}
