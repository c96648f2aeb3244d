/**
 * The point index of a run: open addressing over its keys (not their versions), eight bytes a slot,
 * so that a probe is one line of memory and the place it names is exact.
 *
 *     slot := high:u32 low:u32
 *     high := fingerprint << 8 | block >> (32 - placeBits)
 *     low  := block << placeBits | place / 4
 *
 * `place` is where the key's newest version begins in its block; `placeBits` is as many bits as
 * places within a block need. A low word of all ones is an empty slot: no record begins in the last
 * word of a block. A slot's position is the key's hash scaled to the capacity, so slots in order
 * are hashes in order.
 *
 * Keys that an enemy chose may lie side by side in one long cluster, or share a fingerprint. A table
 * with a longer cluster, or more twins, than random keys ever have is crowded: it is built anew
 * with keys hashed under the store's secret. So a lookup looks at `CLUSTER_MAX` slots at most, a
 * few more in tables over a million keys, and at the records of `TWINS_MAX` other keys.
 */
import { assert } from '../errors.ts';
import type { KeyHasher } from '../format/hash.ts';
import { giveWords, reserveWords, takeWords } from '../format/kept-words.ts';
import type { SecretHasher } from '../format/keyed-hash.ts';

export const EMPTY_SLOT = 0xffffffff;
/** Slots per key: 8 bytes / 0.75 is 10.7 bytes of index a key. */
const LOAD = 0.75;
const WORDS_A_KEY = 3;
/** Keys are gathered in chunks of up to a mebibyte. */
const CHUNK_WORDS = WORDS_A_KEY * 87_381;
const CHUNKS_RESERVED = 60;
const TABLES_RESERVED = [1 << 20, 1 << 22, 1 << 23] as const;
const LOCATION_BITS = 40;
/** Parts in which the table is filled, by the top bits of the hash. */
const PARTS = 4096;
const PART_SHIFT = 20;
const PARTS_A_STEP = 64;
/** At three quarters full, one table of random keys in 100,000 has a longer cluster. */
const CLUSTER_MAX = 512;
/** The longest cluster grows by about so much with each doubling; from a million keys on it counts. */
const CLUSTER_GROWTH = 16;
const CLUSTER_GROWTH_FROM_BITS = 20;
/** Keys of one fingerprint that a key was entered behind. By chance, 10 million keys have 3. */
const TWINS_MAX = 8;

/** The longest run of full slots that a table of random keys has. */
export function clusterMax(capacity: number): number {
  const bits = Math.log2(capacity) - CLUSTER_GROWTH_FROM_BITS;
  return CLUSTER_MAX + CLUSTER_GROWTH * Math.max(0, Math.ceil(bits));
}

/** Bits that a place within a block of `blockBytes` takes, counted in words. */
export function placeBitsOf(blockBytes: number): number {
  return Math.ceil(Math.log2(blockBytes / 4));
}

/** The block a slot names. */
export function slotBlock(high: number, low: number, placeBits: number): number {
  const top = high & 0xff;
  return top === 0 ? low >>> placeBits : top * 2 ** (32 - placeBits) + (low >>> placeBits);
}

/** Where in its block the record of a slot begins, in bytes. */
export function slotPlace(low: number, placeBits: number): number {
  return (low & ((1 << placeBits) - 1)) << 2;
}

/** The first slot to look at for a key with `hash`. */
export function firstSlot(hash: number, capacity: number): number {
  return Math.floor((hash * capacity) / 4294967296);
}

/** Allocates this thread's working memory for an index of five million keys. */
export function reservePoints(): void {
  reserveWords(CHUNK_WORDS, CHUNKS_RESERVED);
  for (const words of TABLES_RESERVED) reserveWords(words, 1);
}

export interface BuiltPoints {
  /** An array of `takeWords`. */
  readonly slots: Uint32Array;
  /** Whether the keys are more crowded than random keys; the table is then unusable. */
  readonly isCrowded: boolean;
}

/** Gathers the keys of a run while it is written, and lays out the table when all are known. */
export class PointIndexBuilder {
  readonly #hasher: KeyHasher | SecretHasher;
  readonly #placeBits: number;
  /** A block number is this many times its top byte, and the rest. */
  readonly #topUnit: number;
  readonly #blocksMax: number;
  readonly #chunks: SortedChunk[] = [];
  #chunk: Uint32Array = new Uint32Array(WORDS_A_KEY * 256);
  #used = 0;
  keys = 0;

  constructor(hasher: KeyHasher | SecretHasher, placeBits: number) {
    this.#hasher = hasher;
    this.#placeBits = placeBits;
    this.#topUnit = 2 ** (32 - placeBits);
    this.#blocksMax = 2 ** (LOCATION_BITS - placeBits);
  }

  add(bytes: Uint8Array, offset: number, length: number, block: number, place: number): void {
    assert(block < this.#blocksMax, 'a block number fits its slot');
    if (this.#used === this.#chunk.length) this.#turn();
    const hasher = this.#hasher;
    hasher.take(bytes, offset, length);
    const bits = this.#placeBits;
    const top = block < this.#topUnit ? 0 : Math.floor(block / this.#topUnit);
    const chunk = this.#chunk;
    const at = this.#used;
    chunk[at] = hasher.hash;
    chunk[at + 1] = (hasher.fingerprint << 8) | top;
    chunk[at + 2] = (block << bits) | (place >>> 2);
    this.#used = at + WORDS_A_KEY;
    this.keys++;
  }

  /**
   * The table, in an array of `takeWords`. It is filled part by part, with the keys of every chunk that belong there, so that a
   * part stays in the processor's cache while it fills. Requires: nothing is added after.
   */
  *build(): Generator<undefined, BuiltPoints, void> {
    let isCrowded = false;
    const capacity = Math.max(1, Math.ceil(this.keys / LOAD));
    const table = takeWords(2 * capacity);
    table.fill(EMPTY_SLOT);
    if (this.#chunks.length === 0) {
      isCrowded = !insertAll(table, capacity, this.#chunk, 0, this.#used);
    } else {
      this.#sortChunk();
      for (let part = 0; part < PARTS && !isCrowded; part++) {
        for (const { entries, starts } of this.#chunks) {
          isCrowded ||= !insertAll(table, capacity, entries, starts[part]!, starts[part + 1]!);
        }
        if (part % PARTS_A_STEP === 0) yield;
      }
    }
    for (const { chunk, starts } of this.#chunks) {
      giveWords(chunk);
      giveWords(starts);
    }
    giveWords(this.#chunk);
    isCrowded ||= longestCluster(table, capacity) > clusterMax(capacity);
    return { slots: table, isCrowded };
  }

  #turn(): void {
    if (this.#chunk.length === CHUNK_WORDS) {
      this.#sortChunk();
      this.#used = 0;
      return;
    }
    const wider = takeWords(Math.min(4 * this.#chunk.length, CHUNK_WORDS));
    wider.set(this.#chunk);
    giveWords(this.#chunk);
    this.#chunk = wider;
  }

  #sortChunk(): void {
    this.#chunks.push(sortByPart(this.#chunk.subarray(0, this.#used), takeWords(CHUNK_WORDS)));
  }
}

/**
 * Enters the entries from word `start` up to word `end`. Gives up, and answers false, where the keys
 * crowd: going on would take time in the square of their number.
 */
function insertAll(
  table: Uint32Array,
  capacity: number,
  entries: Uint32Array,
  start: number,
  end: number,
): boolean {
  const probesMax = clusterMax(capacity);
  for (let at = start; at < end; at += WORDS_A_KEY) {
    const high = entries[at + 1]!;
    const first = firstSlot(entries[at]!, capacity);
    let slot = first;
    while (table[2 * slot + 1] !== EMPTY_SLOT) slot = slot + 1 === capacity ? 0 : slot + 1;
    const probes = slot < first ? slot + capacity - first : slot - first;
    if (probes > probesMax) return false;
    if (probes > TWINS_MAX && twinsOf(high, table, capacity, first, probes) > TWINS_MAX)
      return false;
    table[2 * slot] = high;
    table[2 * slot + 1] = entries[at + 2]!;
  }
  return true;
}

/** How many of the slots from `first` on have the fingerprint of `high`. */
function twinsOf(
  high: number,
  table: Uint32Array,
  capacity: number,
  first: number,
  slots: number,
): number {
  let twins = 0;
  for (let i = 0; i < slots; i++) {
    if ((table[2 * ((first + i) % capacity)]! ^ high) >>> 8 === 0) twins++;
  }
  return twins;
}

/** The most full slots side by side, over the table's end too. About 1 ns a slot. */
function longestCluster(table: Uint32Array, capacity: number): number {
  let longest = 0;
  let first = 0;
  while (first < capacity && table[2 * first + 1] !== EMPTY_SLOT) first++;
  let cluster = 0;
  for (let slot = first; slot < capacity; slot++) {
    if (table[2 * slot + 1] !== EMPTY_SLOT) cluster++;
    else {
      if (cluster > longest) longest = cluster;
      cluster = 0;
    }
  }
  return Math.max(longest, cluster + first);
}

/** Entries in the order of the parts of the table they belong to. */
interface SortedChunk {
  readonly chunk: Uint32Array;
  readonly entries: Uint32Array;
  /** Where each part's entries begin, in words; one more at the end. */
  readonly starts: Uint32Array;
}

/** A counting sort by the hash's top bits, into `chunk`. */
function sortByPart(entries: Uint32Array, chunk: Uint32Array): SortedChunk {
  const starts = takeWords(PARTS + 1).fill(0);
  for (let at = 0; at < entries.length; at += WORDS_A_KEY) {
    starts[(entries[at]! >>> PART_SHIFT) + 1]! += WORDS_A_KEY;
  }
  for (let part = 0; part < PARTS; part++) starts[part + 1]! += starts[part]!;
  const next = takeWords(PARTS + 1);
  next.set(starts);
  const sorted = chunk.subarray(0, entries.length);
  for (let at = 0; at < entries.length; at += WORDS_A_KEY) {
    const part = entries[at]! >>> PART_SHIFT;
    const to = next[part]!;
    next[part] = to + WORDS_A_KEY;
    sorted[to] = entries[at]!;
    sorted[to + 1] = entries[at + 1]!;
    sorted[to + 2] = entries[at + 2]!;
  }
  giveWords(next);
  return { chunk, entries: sorted, starts };
}
