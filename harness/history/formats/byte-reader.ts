/** Reads consecutive numbers from bytes. Throws FormatError with the position at the end of the data. */
import { FormatError } from '../format.ts';

export class ByteReader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  boolean(): boolean {
    const value = this.byte();
    if (value > 1) throw new FormatError(`byte ${this.at - 1}: ${value} is no boolean`);
    return value === 1;
  }

  /** As a number if that is exact, else a bigint. */
  long(order: 'little' | 'big'): number | bigint {
    const at = this.#take(8);
    const value =
      order === 'little' ? this.#bytes.readBigInt64LE(at) : this.#bytes.readBigInt64BE(at);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** A count of items of at least `size` bytes each; must not exceed the remaining bytes. */
  length(size: number): number {
    const value = this.long('little');
    if (typeof value !== 'number' || value < 0 || value * size > this.left) {
      throw new FormatError(`byte ${this.at - 8}: a length of ${value} does not fit`);
    }
    return value;
  }

  text(): string {
    const size = this.length(1);
    const at = this.#take(size);
    return this.#bytes.toString('utf8', at, at + size);
  }

  #take(size: number): number {
    if (this.left < size) throw new FormatError(`byte ${this.at}: the file ends in the middle`);
    this.at += size;
    return this.at - size;
  }
}
