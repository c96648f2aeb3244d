/**
 * WriteBatch: puts and deletes that commit together, encoded once, as the log will hold them.
 * A later write of a key in the same batch wins.
 */
import { StoreError } from '../errors.ts';
import { ENTRY_HEADER_BYTES, entryBytes, TOMBSTONE } from './log-format.ts';

export const MAX_KEY_BYTES = 65_535;
export const MAX_VALUE_BYTES = 256 * 1024 * 1024;
const INITIAL_BYTES = 1024;

export class WriteBatch {
  #bytes: Uint8Array;
  #words: Uint32Array;
  #length = 0;
  #count = 0;
  #puts = 0;

  /** With room for so many bytes at first: a multiple of 4. */
  constructor(bytes = INITIAL_BYTES) {
    const memory = new ArrayBuffer(bytes);
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
  }

  /** The entries, in the log's own encoding. Valid until the next write. */
  get payload(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get byteLength(): number {
    return this.#length;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether it only deletes: then a full disk still takes it. */
  get onlyDeletes(): boolean {
    return this.#puts === 0;
  }

  /** Throws StoreError `key-empty`, `key-too-large` or `value-too-large`, all definite. */
  put(key: Uint8Array, value: Uint8Array): void {
    if (value.length > MAX_VALUE_BYTES) {
      const message = `a value of ${value.length} bytes is over the limit of ${MAX_VALUE_BYTES}`;
      throw new StoreError('value-too-large', message, true);
    }
    const offset = this.#begin(key, value.length);
    this.#words[(offset >> 2) + 1] = value.length;
    this.#bytes.set(value, offset + ENTRY_HEADER_BYTES + key.length);
    this.#puts++;
  }

  /** Throws StoreError `key-empty` or `key-too-large`, both definite. */
  delete(key: Uint8Array): void {
    const offset = this.#begin(key, 0);
    this.#words[(offset >> 2) + 1] = TOMBSTONE;
  }

  clear(): void {
    this.#length = 0;
    this.#count = 0;
    this.#puts = 0;
  }

  #begin(key: Uint8Array, valueLength: number): number {
    if (key.length === 0) throw new StoreError('key-empty', 'a key has at least one byte', true);
    if (key.length > MAX_KEY_BYTES) {
      const message = `a key of ${key.length} bytes is over the limit of ${MAX_KEY_BYTES}`;
      throw new StoreError('key-too-large', message, true);
    }
    const offset = this.#length;
    const end = offset + entryBytes(key.length, valueLength);
    if (end > this.#bytes.length) this.#grow(end);
    this.#words[(end >> 2) - 1] = 0;
    this.#words[offset >> 2] = key.length;
    this.#bytes.set(key, offset + ENTRY_HEADER_BYTES);
    this.#length = end;
    this.#count++;
    return offset;
  }

  #grow(needed: number): void {
    let size = Math.max(8, this.#bytes.length);
    while (size < needed) size *= 2;
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#words = new Uint32Array(larger.buffer);
  }
}
