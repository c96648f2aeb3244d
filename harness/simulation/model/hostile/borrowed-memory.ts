/**
 * BorrowedMemory: the single buffer of a caller. It holds the arguments of each call and is overwritten after the
 * call. Results are read, then overwritten together with everything that shares their buffer, or the buffer is
 * transferred away.
 */
import type { Prng } from '../../../random/prng.ts';

const MEMORY_BYTES = 256 * 1024;
const TRANSFERRED = 0.1;

export class BorrowedMemory {
  readonly #random: Prng;
  readonly #memory = Buffer.alloc(MEMORY_BYTES);
  #used = 0;
  #garbage = 1;

  constructor(random: Prng) {
    this.#random = random;
  }

  /** The text as bytes, until the next `scribble`: a Buffer or a plain array. */
  lend(text: string): Uint8Array {
    const start = this.#used;
    const length = this.#memory.write(text, start, 'utf8');
    this.#used += length;
    if (this.#used >= MEMORY_BYTES) throw new Error('the borrowed memory is too small');
    if (this.#random.chance(0.5)) return this.#memory.subarray(start, start + length);
    return new Uint8Array(this.#memory.buffer, this.#memory.byteOffset + start, length);
  }

  /** Makes one call, and writes over all that was lent to it as soon as it has returned. */
  during<T>(call: () => T): T {
    try {
      return call();
    } finally {
      this.#garbage = (this.#garbage + 1) & 0xff || 1;
      this.#memory.fill(this.#garbage, 0, this.#used);
      this.#used = 0;
    }
  }

  /** What results say; then they are spoilt. */
  taken(...results: readonly (Uint8Array | undefined)[]): (string | undefined)[] {
    const texts = results.map((bytes) => bytes && Buffer.from(bytes).toString('utf8'));
    const isTransferred = this.#random.chance(TRANSFERRED);
    for (const bytes of results) {
      if (bytes === undefined || bytes.length === 0) continue;
      const buffer = bytes.buffer as ArrayBuffer;
      new Uint8Array(buffer).fill(0x58);
      if (isTransferred && !buffer.detached) buffer.transfer();
    }
    return texts;
  }
}
