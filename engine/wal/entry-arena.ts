/**
 * EntryArena: puts and deletes in one stretch of memory, encoded as the log will hold them.
 *
 * What is put is copied before `put` returns: keys and values stay their caller's. One stretch for
 * many entries, because an array for each costs 20 times as much.
 *
 * Invariant: an entry that is refused leaves the arena as it was.
 */
import { byteLengthOf } from '../arguments.ts';
import { StoreError } from '../errors.ts';
import { ENTRY_HEADER_BYTES, entryBytes, MAX_SEGMENT_BYTES, TOMBSTONE } from './log-format.ts';
import type { EncodedEntries } from './segment.ts';

export const MAX_KEY_BYTES = 65_535;
export const MAX_VALUE_BYTES = 256 * 1024 * 1024;
const INITIAL_BYTES = 1024;

export class EntryArena implements EncodedEntries {
  #bytes: Uint8Array;
  #words: Uint32Array;
  #length = 0;
  #count = 0;
  #puts = 0;

  /** `bytes`: initial capacity. */
  constructor(bytes = INITIAL_BYTES) {
    const memory = new ArrayBuffer((bytes + 3) & ~3);
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
  }

  /** Valid until the next write; entries do not change as long as it is referred to. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same memory. */
  get words(): Uint32Array {
    return this.#words;
  }

  get payload(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get byteLength(): number {
    return this.#length;
  }

  get count(): number {
    return this.#count;
  }

  get onlyDeletes(): boolean {
    return this.#puts === 0;
  }

  /** Capacity in bytes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /**
   * Answers where the entry begins. Throws StoreError `invalid-argument`, `key-empty`,
   * `key-too-large`, `value-too-large` or `transaction-too-large`, all definite.
   */
  put(key: Uint8Array, value: Uint8Array): number {
    const length = byteLengthOf(value, 'value');
    if (length > MAX_VALUE_BYTES) {
      const message = `a value of ${length} bytes is over the limit of ${MAX_VALUE_BYTES}`;
      throw new StoreError('value-too-large', message, true);
    }
    const offset = this.#length;
    const keyLength = this.#reserve(key, length);
    this.#bytes.set(value, offset + ENTRY_HEADER_BYTES + keyLength);
    this.#words[(offset >> 2) + 1] = length;
    this.#take(keyLength, length);
    this.#puts++;
    return offset;
  }

  /** As `put`. */
  delete(key: Uint8Array): number {
    const offset = this.#length;
    const keyLength = this.#reserve(key, 0);
    this.#words[(offset >> 2) + 1] = TOMBSTONE;
    this.#take(keyLength, 0);
    return offset;
  }

  /** Appends the entry of `source` that begins at `offset`; answers where it begins here. */
  append(source: EntryArena, offset: number): number {
    const keyLength = source.#words[offset >> 2]!;
    const stated = source.#words[(offset >> 2) + 1]!;
    const valueLength = stated === TOMBSTONE ? 0 : stated;
    const size = entryBytes(keyLength, valueLength);
    const place = this.#length;
    if (place + size > this.#bytes.length) this.#grow(place + size);
    this.#bytes.set(source.#bytes.subarray(offset, offset + size), place);
    this.#take(keyLength, valueLength);
    if (stated !== TOMBSTONE) this.#puts++;
    return place;
  }

  /** Forgets the last entry, which begins at `offset`. */
  takeBack(offset: number): void {
    if (this.#words[(offset >> 2) + 1] !== TOMBSTONE) this.#puts--;
    this.#length = offset;
    this.#count--;
  }

  copy(): EntryArena {
    const copy = new EntryArena(this.#length);
    copy.#bytes.set(this.payload);
    copy.#length = this.#length;
    copy.#count = this.#count;
    copy.#puts = this.#puts;
    return copy;
  }

  clear(): void {
    this.#length = 0;
    this.#count = 0;
    this.#puts = 0;
  }

  /** Makes room for an entry and copies its key there; answers the key's length. */
  #reserve(key: Uint8Array, valueLength: number): number {
    const length = byteLengthOf(key, 'key');
    if (length === 0) throw new StoreError('key-empty', 'a key has at least one byte', true);
    if (length > MAX_KEY_BYTES) {
      const message = `a key of ${length} bytes is over the limit of ${MAX_KEY_BYTES}`;
      throw new StoreError('key-too-large', message, true);
    }
    const offset = this.#length;
    const end = offset + entryBytes(length, valueLength);
    if (end > this.#bytes.length) this.#grow(end);
    this.#words[(end >> 2) - 1] = 0;
    this.#words[offset >> 2] = length;
    this.#bytes.set(key, offset + ENTRY_HEADER_BYTES);
    return length;
  }

  #take(keyLength: number, valueLength: number): void {
    this.#length += entryBytes(keyLength, valueLength);
    this.#count++;
  }

  #grow(needed: number): void {
    if (needed > MAX_SEGMENT_BYTES) {
      const message = `a transaction of over ${MAX_SEGMENT_BYTES} bytes fits no segment; split it`;
      throw new StoreError('transaction-too-large', message, true);
    }
    let size = Math.max(8, this.#bytes.length);
    while (size < needed) size *= 2;
    const larger = new Uint8Array(size);
    larger.set(this.payload);
    this.#bytes = larger;
    this.#words = new Uint32Array(larger.buffer);
  }
}
