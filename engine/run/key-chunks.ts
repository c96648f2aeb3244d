/**
 * KeyChunks: the memory in which point indexes are gathered, kept from one run to the next. Fresh
 * memory costs more than all that is done to it, and what is freed in pieces seldom goes back to the
 * system: kept, the memory of a process stays level.
 *
 * One pool for each thread. Chunks hold whatever the last user left.
 */
export const CHUNK_WORDS = 3 * (1 << 16);
/** Of 768 KiB. What a larger index takes beyond it is freed again. */
const KEPT_MAX = 48;

const idle: Uint32Array[] = [];

export function takeChunk(): Uint32Array {
  return idle.pop() ?? new Uint32Array(CHUNK_WORDS);
}

/** Requires: of `takeChunk`, and nobody uses it any more. */
export function giveChunk(chunk: Uint32Array): void {
  if (idle.length < KEPT_MAX) idle.push(chunk);
}

/** Makes all chunks that are kept, and touches them: for a thread whose runs will be larger and larger. */
export function reserveChunks(): void {
  while (idle.length < KEPT_MAX) idle.unshift(new Uint32Array(CHUNK_WORDS).fill(1));
}
