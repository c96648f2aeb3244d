/** Arrays that grow by doubling, for what is gathered before its size is known. */
import { giveWords, takeWords } from './kept-words.ts';

export class GrowingWords {
  #words: Uint32Array = new Uint32Array(64);
  length = 0;

  push(word: number): void {
    if (this.length === this.#words.length) {
      const wider = takeWords(2 * this.#words.length);
      wider.set(this.#words);
      this.release();
      this.#words = wider;
    }
    this.#words[this.length++] = word;
  }

  get words(): Uint32Array {
    return this.#words.subarray(0, this.length);
  }

  /** Nobody will look at them any more. */
  release(): void {
    giveWords(this.#words);
  }
}

export class GrowingBytes {
  #words: Uint32Array = new Uint32Array(64);
  #bytes = new Uint8Array(this.#words.buffer);
  length = 0;

  push(bytes: Uint8Array): void {
    const end = this.length + bytes.length;
    if (end > this.#bytes.length) {
      let size = 2 * this.#bytes.length;
      while (size < end) size *= 2;
      const wider = takeWords(size / 4);
      wider.set(this.#words);
      this.release();
      this.#words = wider;
      this.#bytes = new Uint8Array(wider.buffer, 0, size);
    }
    this.#bytes.set(bytes, this.length);
    this.length = end;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Nobody will look at them any more. */
  release(): void {
    giveWords(this.#words);
  }
}
