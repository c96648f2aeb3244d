/**
 * Memtable: the versions of one log segment, found by key.
 *
 * The records stay where the log encoded them; beside them lie typed arrays, one slot an entry:
 *
 *     offsets[i]   where entry i begins in the segment's bytes
 *     lsns[i]      its commit timestamp
 *     previous[i]  1 + the entry that held this key before, or 0
 *     hashes[i]    the hash of its key
 *     slots        open addressing: 1 + the newest entry of a key, or 0
 *
 * Invariants:
 * 1. Entries are numbered in commit order, so a chain over `previous` runs from new to old.
 * 2. The arrays grow by doubling and are replaced, never moved under a reader.
 *
 * Not done here: ordering. `SortedPieces` keeps the order, and only once a range asks for it.
 */
import { equalRange } from '../format/bytes.ts';
import { hashKey } from '../format/hash.ts';
import { ENTRY_HEADER_BYTES, entryBytes, TOMBSTONE } from '../wal/log-format.ts';
import { SortedPieces } from './sorted-pieces.ts';

const INITIAL_ENTRIES = 64;

export class Memtable {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly pieces: SortedPieces;
  readonly #hashSeed: number;
  offsets = new Uint32Array(INITIAL_ENTRIES);
  lsns = new Float64Array(INITIAL_ENTRIES);
  #previous = new Uint32Array(INITIAL_ENTRIES);
  #hashes = new Uint32Array(INITIAL_ENTRIES);
  #slots = new Uint32Array(2 * INITIAL_ENTRIES);
  #count = 0;

  constructor(bytes: Uint8Array, hashSeed: number) {
    this.bytes = bytes;
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    this.#hashSeed = hashSeed;
    this.pieces = new SortedPieces(this);
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory held beside the segment's own. */
  get indexBytes(): number {
    return 20 * this.offsets.length + 4 * this.#slots.length;
  }

  /** Takes in the `count` entries that begin at `start`, all committed at `lsn`. */
  insertAll(start: number, count: number, lsn: number): void {
    let offset = start;
    for (let i = 0; i < count; i++) {
      this.#insert(offset, lsn);
      const keyLength = this.words[offset >> 2]!;
      const valueLength = this.words[(offset >> 2) + 1]!;
      offset += entryBytes(keyLength, valueLength === TOMBSTONE ? 0 : valueLength);
    }
  }

  /** The newest entry of the key at or before `atLsn`, or -1. `hash` is the key's `hashKey`. */
  find(key: Uint8Array, hash: number, atLsn: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      let entry = slots[slot]!;
      if (entry === 0) return -1;
      if (this.#hashes[entry - 1] !== hash || !this.#holdsKey(entry - 1, key)) continue;
      while (entry !== 0 && this.lsns[entry - 1]! > atLsn) entry = this.#previous[entry - 1]!;
      return entry - 1;
    }
  }

  isTombstone(entry: number): boolean {
    return this.words[(this.offsets[entry]! >> 2) + 1] === TOMBSTONE;
  }

  keyOffset(entry: number): number {
    return this.offsets[entry]! + ENTRY_HEADER_BYTES;
  }

  keyLength(entry: number): number {
    return this.words[this.offsets[entry]! >> 2]!;
  }

  valueOffset(entry: number): number {
    return this.keyOffset(entry) + this.keyLength(entry);
  }

  /** Bytes of the value; 0 for a tombstone. */
  valueLength(entry: number): number {
    const length = this.words[(this.offsets[entry]! >> 2) + 1]!;
    return length === TOMBSTONE ? 0 : length;
  }

  #insert(offset: number, lsn: number): void {
    const entry = this.#count;
    if (entry === this.offsets.length) this.#grow();
    const length = this.words[offset >> 2]!;
    const hash = hashKey(this.bytes, offset + ENTRY_HEADER_BYTES, length, this.#hashSeed);
    this.offsets[entry] = offset;
    this.lsns[entry] = lsn;
    this.#hashes[entry] = hash;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const other = this.#slots[slot]!;
      if (other === 0 || (this.#hashes[other - 1] === hash && this.#sameKey(other - 1, entry))) {
        this.#previous[entry] = other;
        this.#slots[slot] = entry + 1;
        break;
      }
    }
    this.#count = entry + 1;
  }

  #holdsKey(entry: number, key: Uint8Array): boolean {
    if (this.keyLength(entry) !== key.length) return false;
    return equalRange(this.bytes, this.keyOffset(entry), key, 0, key.length);
  }

  #sameKey(a: number, b: number): boolean {
    const length = this.keyLength(a);
    if (length !== this.keyLength(b)) return false;
    return equalRange(this.bytes, this.keyOffset(a), this.bytes, this.keyOffset(b), length);
  }

  #grow(): void {
    const capacity = 2 * this.offsets.length;
    const widen = <A extends Uint32Array | Float64Array>(old: A, wider: A): A => {
      wider.set(old);
      return wider;
    };
    this.offsets = widen(this.offsets, new Uint32Array(capacity));
    this.lsns = widen(this.lsns, new Float64Array(capacity));
    this.#previous = widen(this.#previous, new Uint32Array(capacity));
    this.#hashes = widen(this.#hashes, new Uint32Array(capacity));
    const slots = new Uint32Array(2 * capacity);
    const mask = slots.length - 1;
    for (const entry of this.#slots) {
      if (entry === 0) continue;
      let slot = this.#hashes[entry - 1]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }
}
