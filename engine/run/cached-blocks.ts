/**
 * CachedBlocks: the blocks of one run, from the block cache, or read when they are missing.
 *
 * - A point read that misses reads its block alone, through the system's cache, into memory that the
 *   next such read uses again. The block gets a frame of the block cache once it was missed
 *   `MISSES_BEFORE_KEPT` times, or when the read waited for the device. Reason: the first write to a
 *   fresh page costs 0.25 us on a machine and 20 us in a virtual one that gives free pages back, and
 *   a read of 4 KiB from the system's cache costs 2 us. A frame pays after that many reads.
 * - A read that waited has the blocks around it brought into the system's cache, if the run may fit
 *   the block cache: a store that was just opened is in memory after few reads.
 * - A cursor that walks reads blocks ahead into frames, more each time.
 *
 * Invariant: a block is used, or entered in the cache, only after its checksum matched.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { corruption } from '../errors.ts';
import { Block, blockFault } from './block.ts';
import type { BlockCache } from './block-cache.ts';
import type { Lookup } from './lookup.ts';
import { plainBlock } from './packed-block.ts';
import { RecordRead } from './record-read.ts';
import type { RunMeta } from './run-format.ts';
import { type BlockIndex, blockOffset, loadBlockIndex } from './run-index.ts';
import { type FrameTable, type Slab, slabOver } from './slab.ts';

/** Blocks that a scan reads ahead at first; each further read doubles it. */
const AHEAD_FIRST = 2;
/** Longer reads of blocks ahead go past the system's cache, and all where there is room for them. */
const BUFFERED_MAX_BYTES = 128 * 1024;
/** Misses after which a block gets a frame. */
const MISSES_BEFORE_KEPT = 16;
/** The same, if a free frame is backed by memory already. */
const MISSES_BEFORE_BACKED = 2;
/** Largest run, as a multiple of the cache, that is read by extents while there is room. */
const EXTENTS_MAX = 2;

export class CachedBlocks {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #meta: RunMeta;
  readonly #cache: BlockCache;
  readonly #fits: boolean;
  /** Bypassing the page cache, and through it. */
  #direct: DiskFile | undefined;
  #buffered: DiskFile | undefined;
  #index: BlockIndex | undefined;
  #frameTable: FrameTable | undefined;
  /** Reads of each block that were not cached. */
  #misses: Uint8Array | undefined;
  /** A block whose read waited for the device and which will be cached. */
  #awaited = -1;
  #record: RecordRead | undefined;
  /** 1 for parts of the file, as long as the staging memory, of which something was read. */
  readonly #partsRead: Uint8Array;
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
    this.#partsRead = new Uint8Array(1 + Math.floor(meta.bytes / Math.max(1, cache.stagingBytes)));
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
  get frameTable(): FrameTable | undefined {
    return this.#frameTable;
  }

  /** Bytes of the block index and the frame table. */
  get indexBytes(): number {
    const index = this.#index;
    const own = index === undefined ? 0 : index.words.byteLength + index.firstKeys.length;
    return own + (this.#frameTable?.byteLength ?? 0);
  }

  /**
   * Finds block `number` in the cache, or reads it. What it finds is valid until the next block of
   * any run is read. Throws StoreError `corruption`.
   */
  reach(number: number): void {
    this.#reach(number, false);
  }

  /**
   * Reads the record at `place` of block `number` without its block, if the block is not cached and is not
   * to be cached now. Answers false when the block itself must be read: see `RecordRead`.
   */
  readRecord(number: number, place: number, lookup: Lookup): boolean {
    this.#frameTable ??= new Int32Array(this.count);
    const frameTable = this.#frameTable;
    if (frameTable[number] !== 0 || !RecordRead.fits(this.index.footer)) return false;
    if (this.#isKept(number)) {
      this.#awaited = number;
      return false;
    }
    this.#record ??= new RecordRead(this.#cache, this.#meta);
    const offset = blockOffset(this.index, number) + place;
    const found = this.#record.find(this.#disk, this.#bufferedFile, offset, number, lookup);
    if (this.#waitedFor(number)) {
      this.#awaited = number;
      return false;
    }
    if (found) this.#cache.misses++;
    return found;
  }

  /** Block `number`, pinned: the caller unpins its frame. */
  pinned(number: number): Block {
    this.#reach(number, true);
    this.#cache.pin(this.frame);
    return new Block(this.slab, this.base, number, this.frame);
  }

  #reach(number: number, keep: boolean): void {
    const cache = this.#cache;
    this.#frameTable ??= new Int32Array(this.count);
    let frame = this.#frameTable[number];
    if (frame === undefined) throw corruption(this.#path, 0, `it has no block ${number}`);
    if (frame === 0) {
      frame = this.#bring(number, this.#frameTable, keep);
      if (frame === 0) return;
    } else cache.hits++;
    this.frame = frame;
    if (frame > 0) {
      cache.referenced[frame] = 1;
      this.slab = cache.slabs[(frame - 1) >> cache.slabBits]!;
    } else this.slab = cache.slabOf(frame);
    this.base = cache.baseOf(frame);
  }

  /** How many blocks from `first` up to `end` the cache holds. Reads nothing. */
  cachedWithin(first = 0, end = this.#frameTable?.length ?? 0): number {
    let cached = 0;
    for (let i = first; i < end; i++) if ((this.#frameTable?.[i] ?? 0) !== 0) cached++;
    return cached;
  }

  /** Loads the blocks from `first` up to `end` into the cache, while there is room. */
  warm(first: number, end: number): void {
    this.#frameTable ??= new Int32Array(this.count);
    for (let at = first; at < end; ) {
      if (this.#frameTable[at] !== 0) at++;
      else at = Math.max(at + 1, this.#readAhead(at, end, this.#frameTable));
    }
  }

  /** Evicts the unpinned blocks from `first` up to `end`. */
  evictUnpinned(first = 0, end = this.#frameTable?.length ?? 0): void {
    if (this.#frameTable !== undefined) this.#cache.drop(this.#frameTable, first, end);
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
  #bring(number: number, frameTable: FrameTable, keep: boolean): number {
    if (keep) this.#readOnWalk(number, frameTable);
    const ahead = frameTable[number]!;
    if (ahead !== 0) return ahead;
    const cache = this.#cache;
    const start = blockOffset(this.index, number);
    const length = blockOffset(this.index, number + 1) - start;
    const isKept = keep || number === this.#awaited || this.#isKept(number);
    this.#awaited = -1;
    const landing = cache.passing(length);
    const bytes = landing.bytes.subarray(0, length);
    this.#read(number, bytes, start);
    const waited = this.#waitedFor(number);
    const plain = plainBlock(bytes, this.#path, start);
    if (!isKept && !waited) cache.misses++;
    const frame = isKept || waited ? cache.take(plain.length) : 0;
    this.frame = frame;
    if (frame !== 0) {
      this.slab = cache.slabOf(frame);
      this.base = cache.baseOf(frame);
      this.slab.bytes.set(plain, this.base);
      cache.enter(frame, frameTable, number);
    } else {
      // A cursor holds its block across other reads.
      this.slab = plain === bytes && !keep ? landing : slabOver(keep ? plain.slice() : plain);
      this.base = 0;
    }
    return frame;
  }

  /** Counts a miss of block `number`: has it been missed often enough to be kept? */
  #isKept(number: number): boolean {
    this.#misses ??= new Uint8Array(this.count);
    const misses = this.#misses[number]! + 1;
    const isKept =
      misses >= MISSES_BEFORE_KEPT ||
      (misses >= MISSES_BEFORE_BACKED && this.#cache.hasBackedFrame());
    this.#misses[number] = isKept ? 0 : misses;
    return isKept;
  }

  /** Reads blocks ahead, if the block before was the last one that a cursor missed. */
  #readOnWalk(number: number, frameTable: FrameTable): void {
    const walks = number === this.#expected;
    this.#expected = number + 1;
    if (!walks) this.#ahead = AHEAD_FIRST;
    else {
      const extent = Math.floor(this.#cache.stagingBytes / this.#cache.frameBytes);
      this.#expected = this.#readAhead(number, number + this.#ahead, frameTable);
      this.#ahead = Math.min(2 * this.#ahead, Math.max(AHEAD_FIRST, extent));
    }
  }

  /**
   * Whether the last read, of block `number`, waited for the device. If it was the first read in its part
   * of the file, the whole part is prefetched into the system's cache. A later read is no reason to: the
   * part is cached by then, and a slow read there has another cause.
   */
  #waitedFor(number: number): boolean {
    const waited = this.#disk.waited?.() === true;
    const { stagingBytes } = this.#cache;
    if (!this.#fits || stagingBytes === 0) return waited;
    const part = Math.floor(blockOffset(this.index, number) / stagingBytes);
    if (this.#partsRead[part] !== 0) return waited;
    this.#partsRead[part] = 1;
    if (!waited) return false;
    this.#readPart(part * stagingBytes);
    return true;
  }

  /** Reads up to `stagingBytes` from `start` on, so that the system's cache holds them. */
  #readPart(start: number): void {
    const { stagingBytes } = this.#cache;
    const end = Math.min(start + stagingBytes, blockOffset(this.index, this.count));
    try {
      this.#disk.readAt(this.#bufferedFile, this.#cache.staging().subarray(0, end - start), start);
    } catch {
      // Only a prefetch: a read of that part reports the error itself.
    }
  }

  /** Reads one block, alone. Throws StoreError `corruption`. */
  #read(number: number, bytes: Uint8Array, start: number): void {
    const got = this.#disk.readAt(this.#bufferedFile, bytes, start);
    const fault = blockFault(bytes.subarray(0, got), this.#meta.number, number);
    if (fault !== undefined) throw corruption(this.#path, start, fault);
  }

  /**
   * Brings blocks from `first` on in one read, `last` excluded, up to one that is there. What is
   * damaged is left out, and found when it is asked for. Answers the block it came to.
   */
  #readAhead(first: number, last: number, frameTable: FrameTable): number {
    const cache = this.#cache;
    const { index } = this;
    const staging = cache.staging();
    const start = blockOffset(index, first);
    let end = first;
    while (end < Math.min(last, frameTable.length) && frameTable[end] === 0) {
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
      cache.enter(frame, frameTable, number);
    }
    return end;
  }

  #fileFor(bytes: number): DiskFile {
    const isFull = !this.#fits || !this.#cache.hasRoom(1);
    if (isFull && bytes <= BUFFERED_MAX_BYTES) return this.#bufferedFile;
    this.#direct ??= this.#disk.open(this.#path, 'read-direct');
    return this.#direct;
  }

  get #bufferedFile(): DiskFile {
    this.#buffered ??= this.#disk.open(this.#path, 'read');
    return this.#buffered;
  }
}
