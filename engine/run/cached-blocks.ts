/**
 * CachedBlocks: the blocks of one run, out of the cache or brought there.
 *
 * How a block that is missing is read depends on what else will be:
 *
 * - while the cache has room and the run may fit it, with the blocks around it, directly from the
 *   device: a store that was just opened is then in the cache after few reads;
 * - when somebody walks, with the blocks behind it, more each time;
 * - else alone, through the system's cache: what the block cache has no room for may lie there.
 *
 * Invariant: a block is entered in the cache only after its checksum matched.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { corruption } from '../errors.ts';
import { Block, blockFault } from './block.ts';
import type { BlockCache } from './block-cache.ts';
import { plainBlock } from './packed-block.ts';
import type { RunMeta } from './run-format.ts';
import { type BlockIndex, blockOffset, loadBlockIndex } from './run-index.ts';
import { type BlockShelf, type Slab, slabOver } from './slab.ts';

/** Walking reads so many blocks ahead at first, and twice as many each time after. */
const AHEAD_FIRST = 2;
/** Longer reads go past the system's cache. */
const BUFFERED_MAX_BYTES = 128 * 1024;
/** A run up to so many times as large as the cache is read by extents while there is room. */
const EXTENTS_MAX = 2;

export class CachedBlocks {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #meta: RunMeta;
  readonly #cache: BlockCache;
  readonly #fits: boolean;
  /** Past the system's cache, and through it. */
  #direct: DiskFile | undefined;
  #buffered: DiskFile | undefined;
  #index: BlockIndex | undefined;
  #shelf: BlockShelf | undefined;
  /** The block after the last one that had to be read, and how many to read then. */
  #expected = -1;
  #ahead = AHEAD_FIRST;
  /** Where `reach` found the block it was asked for. */
  slab!: Slab;
  base = 0;
  frame = 0;

  constructor(
    disk: Disk,
    path: string,
    meta: RunMeta,
    cache: BlockCache,
    index: BlockIndex | undefined,
  ) {
    this.#disk = disk;
    this.#path = path;
    this.#meta = meta;
    this.#cache = cache;
    this.#index = index;
    this.#fits = meta.bytes <= EXTENTS_MAX * cache.mostBytes;
  }

  /** Read with the first use. */
  get index(): BlockIndex {
    this.#index ??= loadBlockIndex(this.#disk, this.#path, this.#meta);
    return this.#index;
  }

  get count(): number {
    return this.index.footer.blocks;
  }

  /** The cache's frames of its blocks, once a block was asked for. */
  get shelf(): BlockShelf | undefined {
    return this.#shelf;
  }

  /** Bytes of the block index and the shelf. */
  get indexBytes(): number {
    const index = this.#index;
    const own = index === undefined ? 0 : index.words.byteLength + index.firstKeys.length;
    return own + (this.#shelf?.byteLength ?? 0);
  }

  /** Finds block `number` in the cache or brings it there. Throws StoreError `corruption`. */
  reach(number: number): void {
    const cache = this.#cache;
    this.#shelf ??= new Int32Array(this.count);
    let frame = this.#shelf[number];
    if (frame === undefined) throw corruption(this.#path, 0, `it has no block ${number}`);
    if (frame === 0) {
      frame = this.#bring(number, this.#shelf);
      if (frame === 0) return;
    } else cache.hits++;
    this.frame = frame;
    if (frame > 0) {
      cache.referenced[frame] = 1;
      this.slab = cache.slabs[(frame - 1) >> cache.slabBits]!;
    } else this.slab = cache.slabOf(frame);
    this.base = cache.baseOf(frame);
  }

  /** Block `number`, pinned: the caller unpins its frame. */
  pinned(number: number): Block {
    this.reach(number);
    this.#cache.pin(this.frame);
    return new Block(this.slab, this.base, number, this.frame);
  }

  /** How many blocks from `first` up to `end` the cache holds. Reads nothing. */
  cachedWithin(first = 0, end = this.#shelf?.length ?? 0): number {
    let cached = 0;
    for (let i = first; i < end; i++) if ((this.#shelf?.[i] ?? 0) !== 0) cached++;
    return cached;
  }

  /** Brings the blocks from `first` up to `end` into the cache, as far as there is room. */
  warm(first: number, end: number): void {
    this.#shelf ??= new Int32Array(this.count);
    for (let at = first; at < end; ) {
      if (this.#shelf[at] !== 0) at++;
      else at = Math.max(at + 1, this.#readAhead(at, end, this.#shelf));
    }
  }

  /** Lets go of the blocks from `first` up to `end`. */
  cool(first = 0, end = this.#shelf?.length ?? 0): void {
    if (this.#shelf !== undefined) this.#cache.drop(this.#shelf, first, end);
  }

  /** Closes the files. */
  close(): void {
    for (const file of [this.#direct, this.#buffered]) {
      if (file !== undefined) this.#disk.close(file);
    }
    this.#direct = undefined;
    this.#buffered = undefined;
  }

  /** Reads and checks a block; answers its frame, or 0 when it lies in memory of its own. */
  #bring(number: number, shelf: BlockShelf): number {
    const { index } = this;
    this.#bringOthers(number, shelf);
    const ahead = shelf[number]!;
    if (ahead !== 0) return ahead;
    const cache = this.#cache;
    const start = blockOffset(index, number);
    const length = blockOffset(index, number + 1) - start;
    if (index.footer.packed) return this.#unpack(number, shelf, start, length);
    const frame = cache.take(length);
    const slab = frame === 0 ? slabOver(new Uint8Array(length)) : cache.slabOf(frame);
    const base = frame === 0 ? 0 : cache.baseOf(frame);
    try {
      this.#read(number, slab.bytes.subarray(base, base + length), start);
    } catch (error) {
      cache.giveBack(frame);
      throw error;
    }
    if (frame !== 0) cache.enter(frame, shelf, number);
    this.slab = slab;
    this.base = base;
    this.frame = frame;
    return frame;
  }

  /** Brings other blocks along with `number`, if they are likely to be wanted, and it. */
  #bringOthers(number: number, shelf: BlockShelf): void {
    const cache = this.#cache;
    const walks = number === this.#expected;
    this.#expected = number + 1;
    const extent = Math.floor(cache.staging().length / cache.frameBytes);
    if (this.#fits && extent > 1 && cache.hasRoom(extent)) {
      const from = number - (number % extent);
      let first = number;
      while (first > from && shelf[first - 1] === 0) first--;
      this.#readAhead(first, from + extent, shelf);
      return;
    }
    if (!walks) this.#ahead = AHEAD_FIRST;
    else {
      this.#expected = this.#readAhead(number, number + this.#ahead, shelf);
      this.#ahead = Math.min(2 * this.#ahead, Math.max(AHEAD_FIRST, extent));
    }
  }

  /** As `#bring`, for a block that may be packed: its plain length is not known before. */
  #unpack(number: number, shelf: BlockShelf, start: number, length: number): number {
    const cache = this.#cache;
    const landing = cache.staging();
    const bytes = length <= landing.length ? landing.subarray(0, length) : new Uint8Array(length);
    this.#read(number, bytes, start);
    const plain = plainBlock(bytes, this.#path, start);
    const frame = cache.take(plain.length);
    this.frame = frame;
    this.base = frame === 0 ? 0 : cache.baseOf(frame);
    // A block that was left plain still lies where the next one will land.
    this.slab = frame === 0 ? slabOver(new Uint8Array(plain)) : cache.slabOf(frame);
    if (frame === 0) return 0;
    this.slab.bytes.set(plain, this.base);
    cache.enter(frame, shelf, number);
    return frame;
  }

  /** Reads one block, alone. Throws StoreError `corruption`. */
  #read(number: number, bytes: Uint8Array, start: number): void {
    const got = this.#disk.readAt(this.#fileFor(bytes.length), bytes, start);
    const fault = blockFault(bytes.subarray(0, got), this.#meta.number, number);
    if (fault !== undefined) throw corruption(this.#path, start, fault);
  }

  /**
   * Brings blocks from `first` on in one read, `last` excluded, up to one that is there. What is
   * damaged is left out, and found when it is asked for. Answers the block it came to.
   */
  #readAhead(first: number, last: number, shelf: BlockShelf): number {
    const cache = this.#cache;
    const { index } = this;
    const staging = cache.staging();
    const start = blockOffset(index, first);
    let end = first;
    while (end < Math.min(last, shelf.length) && shelf[end] === 0) {
      if (blockOffset(index, end + 1) - start > staging.length) break;
      end++;
    }
    const all = staging.subarray(0, blockOffset(index, end) - start);
    if (all.length === 0) return end;
    if (this.#disk.readAt(this.#fileFor(all.length), all, start) < all.length) return end;
    for (let number = first; number < end; number++) {
      const at = blockOffset(index, number) - start;
      const bytes = all.subarray(at, blockOffset(index, number + 1) - start);
      if (blockFault(bytes, this.#meta.number, number) !== undefined) continue;
      const plain = plainBlock(bytes, this.#path, start + at);
      const frame = cache.take(plain.length);
      if (frame === 0) return number;
      cache.slabOf(frame).bytes.set(plain, cache.baseOf(frame));
      cache.enter(frame, shelf, number);
    }
    return end;
  }

  #fileFor(bytes: number): DiskFile {
    if (bytes > BUFFERED_MAX_BYTES || !this.#isFull) {
      this.#direct ??= this.#disk.open(this.#path, 'read-direct');
      return this.#direct;
    }
    this.#buffered ??= this.#disk.open(this.#path, 'read');
    return this.#buffered;
  }

  get #isFull(): boolean {
    return !this.#fits || !this.#cache.hasRoom(1);
  }
}
