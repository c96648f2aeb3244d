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
 */
import { assert } from '../errors.ts';
import { KeyHasher } from '../format/hash.ts';
import { giveWords, reserveWords, takeWords } from '../format/kept-words.ts';

export const EMPTY_SLOT = 0xffffffff;
/** Slots per key: 8 bytes / 0.75 is 10.7 bytes of index a key. */
const LOAD = 0.75;
const WORDS_A_KEY = 3;
/** Keys are gathered in chunks of up to a mebibyte. */
const CHUNK_WORDS = WORDS_A_KEY * 87_381;
const CHUNKS_RESERVED = 60;
const TABLES_RESERVED = [1 << 20, 1 << 22, 1 << 23] as const;
const LOCATION_BITS = 40;
/** The table is filled in so many parts, by the top bits of the hash. */
const PARTS = 4096;
const PART_SHIFT = 20;
const PARTS_A_STEP = 64;

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

/** Makes what building the index of five million keys takes, in this thread, ahead of its use. */
export function reservePoints(): void {
  reserveWords(CHUNK_WORDS, CHUNKS_RESERVED);
  for (const words of TABLES_RESERVED) reserveWords(words, 1);
}

/** Gathers the keys of a run while it is written, and lays out the table when all are known. */
export class PointIndexBuilder {
  readonly #hasher: KeyHasher;
  readonly #placeBits: number;
  /** A block number is this many times its top byte, and the rest. */
  readonly #topUnit: number;
  readonly #blocksMax: number;
  readonly #chunks: SortedChunk[] = [];
  #chunk: Uint32Array = new Uint32Array(WORDS_A_KEY * 256);
  #used = 0;
  keys = 0;

  constructor(hashSeed: number, placeBits: number) {
    this.#hasher = new KeyHasher(hashSeed);
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
  *build(): Generator<undefined, Uint32Array, void> {
    const capacity = Math.max(1, Math.ceil(this.keys / LOAD));
    const table = takeWords(2 * capacity);
    table.fill(EMPTY_SLOT);
    if (this.#chunks.length === 0) insertAll(table, capacity, this.#chunk, 0, this.#used);
    else {
      this.#sortChunk();
      for (let part = 0; part < PARTS; part++) {
        for (const { entries, starts } of this.#chunks) {
          insertAll(table, capacity, entries, starts[part]!, starts[part + 1]!);
        }
        if (part % PARTS_A_STEP === 0) yield;
      }
    }
    for (const { chunk, starts } of this.#chunks) {
      giveWords(chunk);
      giveWords(starts);
    }
    giveWords(this.#chunk);
    return table;
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

/** Enters the entries from word `start` up to word `end`. */
function insertAll(
  table: Uint32Array,
  capacity: number,
  entries: Uint32Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at += WORDS_A_KEY) {
    let slot = firstSlot(entries[at]!, capacity);
    while (table[2 * slot + 1] !== EMPTY_SLOT) slot = slot + 1 === capacity ? 0 : slot + 1;
    table[2 * slot] = entries[at + 1]!;
    table[2 * slot + 1] = entries[at + 2]!;
  }
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
