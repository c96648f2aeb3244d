/**
 * Zeros: memory that holds nothing yet. Simulated stores are opened thousands of times a second, and
 * an array of its own for every few kilobytes of each would cost more than opening it.
 */
const CHUNK_BYTES = 1024 * 1024;
const SMALL_BYTES = CHUNK_BYTES / 16;
const ALIGNMENT = 8;

let chunk = new ArrayBuffer(0);
let used = 0;

/** Never shared with another caller. */
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
