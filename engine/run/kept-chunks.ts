/**
 * Chunks that runs are written and read through, kept when their user is done, for the next: as
 * `takeWords` does, with memory that the disk's direct transfers can use. One pool for each thread.
 */
import type { Disk } from '../env/disk.ts';

export const CHUNK_BYTES = 1024 * 1024;
const KEPT_MAX = 32;

const idle: Uint8Array[] = [];

/** Of up to `CHUNK_BYTES`; only whole ones are kept. Holds whatever the last user left. */
export function takeChunk(disk: Disk, bytes: number): Uint8Array {
  if (bytes < CHUNK_BYTES) return disk.allocate(bytes);
  return idle.pop() ?? disk.allocate(CHUNK_BYTES);
}

/** Requires: no readers. */
export function giveChunk(chunk: Uint8Array): void {
  if (chunk.length === CHUNK_BYTES && idle.length < KEPT_MAX) idle.push(chunk);
}
