/**
 * Large arrays of words that are kept when their user is done, for the next. Fresh memory costs more
 * than most of what is done to it, and what is freed in pieces seldom goes back to the system: kept,
 * the memory of a process stays level.
 *
 * Arrays have powers of two for lengths; what is taken is the beginning of one, and holds whatever
 * the last user left. One pool for each thread.
 */
const KEPT_MIN_WORDS = 1 << 16;
const KEPT_MAX_WORDS = 1 << 24;

const idle = new Map<number, Uint32Array[]>();
let idleWords = 0;

/** Not cleared, but for arrays that are too small to be kept. */
export function takeWords(count: number): Uint32Array {
  if (count < KEPT_MIN_WORDS) return new Uint32Array(count);
  const capacity = 2 ** Math.ceil(Math.log2(count));
  const found = idle.get(capacity)?.pop();
  if (found === undefined) return new Uint32Array(capacity).subarray(0, count);
  idleWords -= capacity;
  return found.subarray(0, count);
}

/** Requires: of `takeWords`, and nobody looks at it any more. */
export function giveWords({ buffer }: Uint32Array): void {
  const capacity = buffer.byteLength / 4;
  if (capacity < KEPT_MIN_WORDS || idleWords + capacity > KEPT_MAX_WORDS) return;
  const same = idle.get(capacity) ?? [];
  same.push(new Uint32Array(buffer));
  idle.set(capacity, same);
  idleWords += capacity;
}

/** Makes `arrays` of them, and touches each: for a thread that will need more and more. */
export function reserveWords(count: number, arrays: number): void {
  const made = Array.from({ length: arrays }, () => takeWords(count).fill(1));
  for (const words of made) giveWords(words);
}
