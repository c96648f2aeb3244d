/** Arrays that grow by doubling, for what is gathered before its size is known. */
export class GrowingWords {
  #words = new Uint32Array(64);
  length = 0;

  push(word: number): void {
    if (this.length === this.#words.length) {
      const wider = new Uint32Array(2 * this.#words.length);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words[this.length++] = word;
  }

  get words(): Uint32Array {
    return this.#words.subarray(0, this.length);
  }
}

export class GrowingBytes {
  #bytes = new Uint8Array(256);
  length = 0;

  push(bytes: Uint8Array): void {
    const end = this.length + bytes.length;
    if (end > this.#bytes.length) {
      let size = 2 * this.#bytes.length;
      while (size < end) size *= 2;
      const wider = new Uint8Array(size);
      wider.set(this.#bytes.subarray(0, this.length));
      this.#bytes = wider;
    }
    this.#bytes.set(bytes, this.length);
    this.length = end;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
