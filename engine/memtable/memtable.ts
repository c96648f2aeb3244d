/**
 * Memtable: the versions of one log segment, found by key.
 *
 * The records stay where the log encoded them; beside them lie typed arrays, one slot an entry:
 *
 *     offsets[i]   where entry i begins in the segment's bytes
 *     lsns[i]      its commit timestamp
 *     previous[i]  1 + the entry that held this key before, or 0
 *     slots        open addressing by key: its hash, and 1 + its newest entry or 0
 *
 * Invariants:
 * 1. Entries are numbered in commit order, so a chain over `previous` runs from new to old.
 * 2. The arrays grow by doubling and are replaced, never moved under a reader.
 * 3. Their memory is shared once they have grown, so that a worker may touch it ahead of its use.
 * 4. No key is looked for in more than 64 slots (a few more beyond 65,536 entries), but once: keys
 *    that lie closer together than keys by chance are hashed under the store's secret from then on.
 *
 * Not done here: ordering. `SortedPieces` keeps the order, and only once a range asks for it.
 */
import { equalRange } from '../format/bytes.ts';
import { hashWords } from '../format/hash.ts';
import { type HashSeeds, SecretHasher } from '../format/keyed-hash.ts';
import { ENTRY_HEADER_BYTES, entryBytes, TOMBSTONE } from '../wal/log-format.ts';
import { type EntryArrays, sharedArrays, sharedMemory } from './entry-arrays.ts';
import { SortedPieces } from './sorted-pieces.ts';

const NONE: readonly SharedArrayBuffer[] = [];
/** Of all the arrays, for each entry there is room for. */
const ENTRY_INDEX_BYTES = 32;
const INITIAL_ENTRIES = 32;
/** Entries of a batch whose slots are read ahead. */
const BATCH_ENTRIES = 256;
/** Entries after which their mean size predicts how many a full segment will hold. */
const ESTIMATE_MIN = 4096;
/** Largest growth factor of the arrays in one step. Fresh memory is costly, and so is copying. */
const STRIDE = 4;
/** Slots at most half of which are full: one table of random keys in 10,000 has a longer probe. */
const PROBES_MAX = 64;
/** The longest probe grows by about so much with each doubling; from 65,536 entries on it counts. */
const PROBES_GROWTH = 4;
const PROBES_GROWTH_FROM_BITS = 16;

/** Scratch arrays of the batch being inserted, shared by all memtables. */
const batchHashes = new Uint32Array(BATCH_ENTRIES);

export class Memtable {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  pieces: SortedPieces;
  readonly #seeds: HashSeeds;
  /** Whether keys are hashed under the store's secret, because a probe exceeded its bound. */
  isKeyed = false;
  #secretHasher: SecretHasher | undefined;
  /** The longest probe so far, in words of `#slots`. */
  #farthest = 0;
  lsns: Float64Array;
  offsets: Uint32Array;
  #previous: Uint32Array;
  #slots: Uint32Array;
  /** The next arrays, if they were allocated ahead. */
  #wider: EntryArrays | undefined;
  #count = 0;
  /** How much of `bytes`, and for which capacity, was touched ahead of use; see `TouchAhead`. */
  touchedBytes = 0;
  touchedCapacity = 0;
  /** Point reads that ended here. */
  reads = 0;
  /** Keeps the reads of `#hashAhead` from being optimised away. */
  touched = 0;

  constructor(bytes: Uint8Array, seeds: HashSeeds) {
    this.bytes = bytes;
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    this.#seeds = seeds;
    const memory = new ArrayBuffer(32 * INITIAL_ENTRIES);
    this.lsns = new Float64Array(memory, 0, INITIAL_ENTRIES);
    this.offsets = new Uint32Array(memory, 8 * INITIAL_ENTRIES, INITIAL_ENTRIES);
    this.#previous = new Uint32Array(memory, 12 * INITIAL_ENTRIES, INITIAL_ENTRIES);
    this.#slots = new Uint32Array(memory, 16 * INITIAL_ENTRIES, 4 * INITIAL_ENTRIES);
    this.pieces = new SortedPieces(this);
  }

  get count(): number {
    return this.#count;
  }

  /** Length of the longest unsuccessful probe, in slots. */
  get longestProbe(): number {
    return this.#farthest / 2;
  }

  /** Removes all entries and keeps the memory. Requires: no readers. */
  clear(): void {
    this.#count = 0;
    this.reads = 0;
    this.isKeyed = false;
    this.#secretHasher = undefined;
    this.#farthest = 0;
    this.#slots.fill(0);
    this.pieces = new SortedPieces(this);
  }

  /** Bytes of memory held beside the segment's own. */
  get indexBytes(): number {
    const entries = this.capacity + (this.#wider?.offsets.length ?? 0);
    return entries * ENTRY_INDEX_BYTES;
  }

  /** Capacity in entries before the arrays have to grow. */
  get capacity(): number {
    return this.offsets.length;
  }

  /** The memory it holds beside the segment's own, so that a worker can touch its pages ahead. */
  get memory(): readonly SharedArrayBuffer[] {
    const { offsets, lsns } = this;
    return sharedMemory({ offsets, lsns, previous: this.#previous, slots: this.#slots });
  }

  /** Makes room for at least `entries` in all. */
  reserve(entries: number): void {
    let { capacity } = this;
    while (capacity < entries) capacity *= 2;
    if (capacity > this.capacity) this.#widen(capacity);
  }

  /** Inserts the `count` entries that begin at `start`, all committed at `lsn`. */
  insertAll(start: number, count: number, lsn: number): void {
    if (this.#count + count > this.offsets.length) this.#grow(this.#count + count, start);
    const { words } = this;
    const hashes = batchHashes;
    let offset = start;
    for (let done = 0; done < count; ) {
      const piece = Math.min(count - done, hashes.length);
      this.#hashAhead(offset, piece);
      for (let i = 0; i < piece; i++) {
        this.#insert(offset, hashes[i]!, lsn);
        offset += entryBytesAt(words, offset);
      }
      done += piece;
      if (this.#farthest > 2 * PROBES_MAX) this.#keepShort();
    }
  }

  /** Hashes the keys to come and reads their slots: cache misses that do not wait for each other. */
  #hashAhead(start: number, count: number): void {
    const { words } = this;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let offset = start;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const hash = this.#hashAt(offset);
      batchHashes[i] = hash;
      touched ^= slots[(2 * hash) & mask]!;
      offset += entryBytesAt(words, offset);
    }
    this.touched = touched;
  }

  #hashAt(offset: number): number {
    const { words } = this;
    const length = words[offset >> 2]!;
    const hasher = this.#secretHasher;
    const at = offset + ENTRY_HEADER_BYTES;
    if (hasher === undefined) return hashWords(words, at >> 2, length, this.#seeds.hashSeed);
    hasher.take(this.bytes, at, length);
    return hasher.hash;
  }

  /**
   * The newest entry of the key at or before `atLsn`, or -1. `hash` is the key's `hashKey`, or its
   * hash under the secret when the table `isKeyed`.
   */
  find(key: Uint8Array, hash: number, atLsn: number): number {
    if (this.#count === 0) return -1;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const first = (2 * hash) & mask;
    for (let slot = first; ; slot = (slot + 2) & mask) {
      let entry = slots[slot + 1]!;
      if (entry === 0) {
        if (((slot - first) & mask) > this.#farthest) this.#wentFar((slot - first) & mask);
        return -1;
      }
      if (slots[slot] !== hash || !this.#holdsKey(entry - 1, key)) continue;
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

  #insert(offset: number, hash: number, lsn: number): void {
    const entry = this.#count++;
    this.offsets[entry] = offset;
    this.lsns[entry] = lsn;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const first = (2 * hash) & mask;
    for (let slot = first; ; slot = (slot + 2) & mask) {
      const other = slots[slot + 1]!;
      if (other === 0 || (slots[slot] === hash && this.#sameKey(other - 1, entry))) {
        this.#previous[entry] = other;
        slots[slot] = hash;
        slots[slot + 1] = entry + 1;
        if (((slot - first) & mask) > this.#farthest) this.#farthest = (slot - first) & mask;
        return;
      }
    }
  }

  #wentFar(words: number): void {
    this.#farthest = words;
    if (words > 2 * PROBES_MAX) this.#keepShort();
  }

  /** Rehashes all keys under the secret if they are more crowded than random keys. */
  #keepShort(): void {
    const bits = Math.max(0, Math.log2(this.capacity) - PROBES_GROWTH_FROM_BITS);
    if (this.isKeyed || this.longestProbe <= PROBES_MAX + PROBES_GROWTH * bits) return;
    this.#secretHasher = new SecretHasher(this.#seeds.hashSecret);
    this.isKeyed = true;
    this.#farthest = 0;
    const slots = this.#slots;
    const newest = slots.filter((entry, at) => at % 2 === 1 && entry !== 0);
    slots.fill(0);
    for (const entry of newest) placeIn(slots, this.#hashAt(this.offsets[entry - 1]!), entry);
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

  /**
   * Once half of the room is used, and the segment's first `usedBytes` say that it will not do, makes
   * the arrays to grow into, and answers their memory, so that the caller can have its pages touched ahead.
   */
  widenAhead(usedBytes: number): readonly SharedArrayBuffer[] {
    if (this.#wider !== undefined || this.#count < Math.max(ESTIMATE_MIN, this.capacity / 2)) {
      return NONE;
    }
    if (this.#expected(usedBytes) <= this.capacity) return NONE;
    this.#wider = sharedArrays(this.#strideTo(usedBytes));
    return sharedMemory(this.#wider);
  }

  /** Estimated entries of the full segment, if all are like those in its first `usedBytes`. */
  #expected(usedBytes: number): number {
    return (this.#count * this.bytes.length) / usedBytes;
  }

  /** The capacity to grow to; in longer strides where the segment may hold many more. */
  #strideTo(usedBytes: number): number {
    let capacity = 2 * this.capacity;
    if (this.#count < ESTIMATE_MIN) return capacity;
    const expected = this.#expected(usedBytes);
    const most = STRIDE * this.capacity;
    while (capacity < expected && capacity < most) capacity *= 2;
    return capacity;
  }

  /** Makes room for `needed` entries. */
  #grow(needed: number, usedBytes: number): void {
    let capacity = this.#wider?.offsets.length ?? this.#strideTo(usedBytes);
    while (capacity < needed) capacity *= 2;
    this.#widen(capacity);
  }

  /** `capacity` is a power of two: slots are found by masking. */
  #widen(capacity: number): void {
    const ahead = this.#wider?.offsets.length === capacity ? this.#wider : undefined;
    const { offsets, lsns, previous, slots } = ahead ?? sharedArrays(capacity);
    if (ahead !== undefined) this.touchedCapacity = capacity;
    this.#wider = undefined;
    offsets.set(this.offsets);
    lsns.set(this.lsns);
    previous.set(this.#previous);
    this.offsets = offsets;
    this.lsns = lsns;
    this.#previous = previous;
    const old = this.#slots;
    for (let at = 0; at < old.length; at += 2) {
      const entry = old[at + 1]!;
      if (entry !== 0) placeIn(slots, old[at]!, entry);
    }
    this.#slots = slots;
  }
}

/** Inserts a new key. */
function placeIn(slots: Uint32Array, hash: number, entry: number): void {
  const mask = slots.length - 1;
  let slot = (2 * hash) & mask;
  while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
  slots[slot] = hash;
  slots[slot + 1] = entry;
}

function entryBytesAt(words: Uint32Array, offset: number): number {
  const valueLength = words[(offset >> 2) + 1]!;
  return entryBytes(words[offset >> 2]!, valueLength === TOMBSTONE ? 0 : valueLength);
}
