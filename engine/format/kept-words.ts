/**
 * Large arrays of words that are kept when their user is done, for the next. Fresh memory costs more
 * than most of what is done to it, and what is freed in pieces seldom goes back to the system: kept,
 * the memory of a process stays level.
 *
 * Arrays have powers of two for lengths; what is taken is the beginning of one, and holds whatever
 * the last user left. One pool for each thread; the memory is shared, so that another thread may look
 * at it as long as it is taken.
 */
const KEPT_MIN_WORDS = 1 << 12;
const KEPT_MAX_WORDS = 1 << 23;
const ALL_MAX_WORDS = 1 << 25;

const idle = new Map<number, Uint32Array[]>();
let idleWords = 0;
let maxWords = ALL_MAX_WORDS;

/** From now on at most `bytes` are kept, and never more than 128 MiB. */
export function limitKept(bytes: number): void {
  maxWords = Math.min(ALL_MAX_WORDS, bytes / 4);
  for (const [capacity, arrays] of idle) {
    while (idleWords > maxWords && arrays.pop() !== undefined) idleWords -= capacity;
  }
}

/** Not cleared, but for arrays that are too small, or too large, to be kept. */
export function takeWords(count: number): Uint32Array {
  if (count < KEPT_MIN_WORDS || count > KEPT_MAX_WORDS) return new Uint32Array(count);
  const capacity = 2 ** Math.ceil(Math.log2(count));
  const found = idle.get(capacity)?.pop();
  if (found === undefined) {
    return new Uint32Array(new SharedArrayBuffer(4 * capacity)).subarray(0, count);
  }
  idleWords -= capacity;
  return found.subarray(0, count);
}

/** Requires: of `takeWords`, and nobody looks at it any more. */
export function giveWords(words: Uint32Array): void {
  const capacity = words.buffer.byteLength / 4;
  if (!isKept(words) || idleWords + capacity > maxWords) return;
  const same = idle.get(capacity) ?? [];
  same.push(new Uint32Array(words.buffer));
  idle.set(capacity, same);
  idleWords += capacity;
}

/** Whether what lies there goes when its taker gives it back. Requires: of `takeWords`, or no shared memory. */
export function isKept({ buffer }: Uint32Array): boolean {
  return buffer instanceof SharedArrayBuffer;
}

/** Makes `arrays` of them, and touches each: for a thread that will need more and more. */
export function reserveWords(count: number, arrays: number): void {
  const made = Array.from({ length: arrays }, () => takeWords(count).fill(1));
  for (const words of made) giveWords(words);
}
