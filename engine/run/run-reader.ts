/**
 * RunReader: point reads in one run, and blocks for its cursors.
 *
 * Opening reads nothing; the indexes are read with the first use and stay in memory. A file is
 * closed when the last holder lets go, and removed then if the run has become obsolete.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { assert, corruption } from '../errors.ts';
import { equalRange } from '../format/bytes.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import { AwaitedPoints } from './awaited-points.ts';
import { Block, type BlockSource, blockFault, recordBytesAt } from './block.ts';
import { type BlockCache, type BlockShelf, type Loan, type Slab, slabOver } from './block-cache.ts';
import type { Lookup } from './lookup.ts';
import { plainBlock } from './packed-block.ts';
import { EMPTY_SLOT, firstSlot, slotBlock, slotPlace } from './point-index.ts';
import type { Cursor, CursorRange } from './record.ts';
import { RunCursor } from './run-cursor.ts';
import { RECORD_HEADER_BYTES, type RunMeta, runFileName } from './run-format.ts';
import {
  type BlockIndex,
  blockBefore,
  blockOffset,
  firstKey,
  loadBlockIndex,
  type PointIndex,
  readPoints,
} from './run-index.ts';
import type { RunReaderOptions } from './run-reader-options.ts';
import type { TreeRun } from './tree-run.ts';

/** What a processor reads of memory at once, in words. */
const LINE_WORDS = 16;
/** Walking reads ahead so much; who only warms the cache takes smaller pieces. */
const AHEAD_MAX = Number.MAX_SAFE_INTEGER;

export class RunReader implements BlockSource, TreeRun {
  readonly meta: RunMeta;
  readonly path: string;
  readonly #disk: Disk;
  readonly #cache: BlockCache;
  #file: DiskFile | undefined;
  #index: BlockIndex | undefined;
  #points: PointIndex | undefined;
  #shelf: BlockShelf | undefined;
  readonly #awaited: AwaitedPoints | undefined;
  readonly #loan: Loan | undefined;
  readonly #remove: (path: string, bytes: number) => void;
  #holders = 0;
  #obsolete = false;
  /** Where `#reach` found the block it was asked for. */
  #slab!: Slab;
  #base = 0;
  #frame = 0;
  /** The block after the last one that had to be read. */
  #expected = -1;
  /** Keeps the reads of `touchRecord` from being optimised away. */
  #touched = 0;
  /** Keys looked at that were another. */
  failedProbes = 0;
  /** The most slots that a read went past in vain. */
  longestProbe = 0;

  constructor(
    disk: Disk,
    directory: string,
    meta: RunMeta,
    cache: BlockCache,
    { index, loan, loadPoints, removeLater }: RunReaderOptions = {},
  ) {
    this.#disk = disk;
    this.meta = meta;
    this.path = `${directory}/${runFileName(meta.number)}`;
    this.#cache = cache;
    this.#loan = loan;
    this.#remove = removeLater ?? ((path) => disk.remove(path));
    this.#index = index;
    this.#points = index?.points;
    if (loadPoints !== undefined) this.#awaited = new AwaitedPoints(meta, loadPoints);
  }

  get blocks(): number {
    return this.#load().footer.blocks;
  }

  get indexBytes(): number {
    const index = this.#index;
    const blocks = index === undefined ? 0 : index.words.byteLength + index.firstKeys.length;
    return blocks + (this.#points?.slots.byteLength ?? 0) + (this.#shelf?.byteLength ?? 0);
  }

  /** Keeps the file readable until `release`. */
  hold(): void {
    this.#holders++;
  }

  release(): void {
    assert(this.#holders > 0, 'a run is released once per hold');
    this.#holders--;
    this.#discardIfUnused();
  }

  /** The manifest no longer names this run: remove it when nobody reads it. */
  markObsolete(): void {
    this.#obsolete = true;
    this.#discardIfUnused();
  }

  /** Closes the file whether or not it is held: the store is closing. */
  close(): void {
    if (this.#file !== undefined) this.#disk.close(this.#file);
    this.#file = undefined;
  }

  /** Finds the newest version at or before `lookup.atLsn`. */
  find(lookup: Lookup): boolean {
    const points = this.#points ?? this.#pointsNow();
    if (points === undefined) return this.#findByBlocks(lookup);
    const { slots, placeBits } = points;
    const capacity = slots.length / 2;
    const { hash, fingerprint } = points.keyed ? lookup.secretHashes : lookup;
    const first = firstSlot(hash, capacity);
    for (let slot = first; ; ) {
      const low = slots[2 * slot + 1]!;
      if (low === EMPTY_SLOT) {
        if (slot - first > this.longestProbe) this.longestProbe = slot - first;
        return false;
      }
      const high = slots[2 * slot]!;
      if (high >>> 8 === fingerprint) {
        const number = slotBlock(high, low, placeBits);
        this.#reach(number);
        const place = this.#base + slotPlace(low, placeBits);
        if (this.#holdsKey(place, lookup.key)) return this.#findVersion(number, place, lookup);
        this.failedProbes++;
      }
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
  }

  /**
   * Reads the lines of memory that a later `find` ends with, if the block is in the cache. Answers
   * whether this is where it will end, as far as the fingerprint tells.
   */
  touchRecord(lookup: Lookup): boolean {
    const points = this.#points;
    const shelf = this.#shelf;
    if (points === undefined || shelf === undefined) return false;
    const { hash, fingerprint } = points.keyed ? lookup.secretHashes : lookup;
    const { slots, placeBits } = points;
    const capacity = slots.length / 2;
    for (let slot = firstSlot(hash, capacity); ; slot = slot + 1 === capacity ? 0 : slot + 1) {
      const low = slots[2 * slot + 1]!;
      if (low === EMPTY_SLOT) return false;
      const high = slots[2 * slot]!;
      if (high >>> 8 !== fingerprint) continue;
      const cache = this.#cache;
      const frame = shelf[slotBlock(high, low, placeBits)]!;
      if (frame <= 0) return true;
      const { words } = cache.slabOf(frame);
      const word = (cache.baseOf(frame) + slotPlace(low, placeBits)) >> 2;
      const further = Math.min(word + LINE_WORDS, words.length - 1);
      this.#touched ^= words[word]! ^ words[further]! ^ cache.referenced[frame]!;
      return true;
    }
  }

  /** Reads one word of the slot a later `find` begins at, so that the line is there by then. */
  touch(lookup: Lookup): number {
    const points = this.#points;
    if (points === undefined) return 0;
    const { hash } = points.keyed ? lookup.secretHashes : lookup;
    return points.slots[2 * firstSlot(hash, points.slots.length / 2)]!;
  }

  /** Block `number`, checked, and pinned until `letGo`. */
  block(number: number): Block {
    this.#reach(number);
    this.#cache.pin(this.#frame);
    return new Block(this.#slab, this.#base, number, this.#frame);
  }

  letGo(block: Block): void {
    this.#cache.unpin(block.frame);
  }

  blockBefore(key: Uint8Array): number {
    return blockBefore(this.#load(), key);
  }

  firstKey(number: number): Uint8Array {
    return firstKey(this.#load(), number);
  }

  cursors(range: CursorRange): readonly Cursor[] {
    return [new RunCursor(this, range)];
  }

  /** How many blocks from `first` up to `end` the cache holds. Reads nothing. */
  cachedWithin(first = 0, end = this.#shelf?.length ?? 0): number {
    let cached = 0;
    for (let i = first; i < end; i++) if ((this.#shelf?.[i] ?? 0) !== 0) cached++;
    return cached;
  }

  /** Brings the blocks from `first` up to `end` into the cache, as far as there is room. */
  warm(first: number, end: number): void {
    this.#shelf ??= new Int32Array(this.blocks);
    for (let at = first; at < end; ) {
      if (this.#shelf[at] !== 0) at++;
      else at = Math.max(at + 1, this.#readAhead(at, end, this.#shelf, this.#load()));
    }
  }

  /** Lets go of the blocks from `first` up to `end`. */
  cool(first: number, end: number): void {
    if (this.#shelf !== undefined) this.#cache.drop(this.#shelf, first, end);
  }

  /** Reads a small point index; has a large one read elsewhere, and does without meanwhile. */
  #pointsNow(): PointIndex | undefined {
    const bytes = 8 * this.#load().footer.pointCapacity;
    this.#points =
      this.#awaited === undefined || this.#awaited.isNotWorth(bytes)
        ? readPoints(this.#disk, this.#open(), this.#load())
        : this.#awaited.points();
    return this.#points;
  }

  /** As `find`, by the first keys of the blocks: right too, and one block read whether found or not. */
  #findByBlocks(lookup: Lookup): boolean {
    let number = this.blockBefore(lookup.key);
    this.#reach(number);
    const block = new Block(this.#slab, this.#base, number, 0);
    const at = block.lowerBound(lookup.key);
    let place = at < block.records ? block.placeOf(at) : -1;
    if (place < 0) {
      if (++number === this.blocks) return false;
      this.#reach(number);
      place = new Block(this.#slab, this.#base, number, 0).placeOf(0);
    }
    return this.#holdsKey(place, lookup.key) && this.#findVersion(number, place, lookup);
  }

  /** Finds block `number` in the cache or brings it there. Throws StoreError `corruption`. */
  #reach(number: number): void {
    const cache = this.#cache;
    this.#shelf ??= new Int32Array(this.blocks);
    let frame = this.#shelf[number]!;
    if (frame === 0) {
      frame = this.#bring(number, this.#shelf);
      if (frame === 0) return;
    } else cache.hits++;
    this.#frame = frame;
    if (frame > 0) {
      cache.referenced[frame] = 1;
      this.#slab = cache.slabs[(frame - 1) >> cache.slabBits]!;
    } else this.#slab = cache.slabOf(frame);
    this.#base = cache.baseOf(frame);
  }

  /** Reads and checks a block; answers its frame, or 0 when it lies in memory of its own. */
  #bring(number: number, shelf: BlockShelf): number {
    const cache = this.#cache;
    const index = this.#load();
    const start = blockOffset(index, number);
    const length = blockOffset(index, number + 1) - start;
    if (number === this.#expected) this.#readAhead(number, AHEAD_MAX, shelf, index);
    this.#expected = number + 1;
    const ahead = shelf[number]!;
    if (ahead !== 0) return ahead;
    if (index.footer.packed) return this.#unpack(number, shelf, start, length);
    const frame = cache.take(length);
    const slab = frame === 0 ? slabOver(new Uint8Array(length)) : cache.slabOf(frame);
    const base = frame === 0 ? 0 : cache.baseOf(frame);
    const bytes = slab.bytes.subarray(base, base + length);
    try {
      const got = this.#disk.readAt(this.#open(), bytes, start);
      const fault = blockFault(bytes.subarray(0, got), this.meta.number, number);
      if (fault !== undefined) throw corruption(this.path, start, fault);
    } catch (error) {
      cache.giveBack(frame);
      throw error;
    }
    if (frame !== 0) cache.enter(frame, shelf, number);
    this.#slab = slab;
    this.#base = base;
    this.#frame = frame;
    return frame;
  }

  /** As `#bring`, for a block that may be packed: its plain length is not known before. */
  #unpack(number: number, shelf: BlockShelf, start: number, length: number): number {
    const cache = this.#cache;
    const landing = cache.staging();
    const bytes = length <= landing.length ? landing.subarray(0, length) : new Uint8Array(length);
    const got = this.#disk.readAt(this.#open(), bytes, start);
    const fault = blockFault(bytes.subarray(0, got), this.meta.number, number);
    if (fault !== undefined) throw corruption(this.path, start, fault);
    const plain = plainBlock(bytes, this.path, start);
    const frame = cache.take(plain.length);
    this.#frame = frame;
    this.#base = frame === 0 ? 0 : cache.baseOf(frame);
    // A block that was left plain still lies where the next one will land.
    this.#slab = frame === 0 ? slabOver(new Uint8Array(plain)) : cache.slabOf(frame);
    if (frame === 0) return 0;
    this.#slab.bytes.set(plain, this.#base);
    cache.enter(frame, shelf, number);
    return frame;
  }

  /**
   * Brings blocks from `first` on in one read, `last` excluded: somebody walks, or is about to. What
   * is damaged is left out, and found when it is asked for. Answers the block it came to.
   */
  #readAhead(first: number, last: number, shelf: BlockShelf, index: BlockIndex): number {
    const cache = this.#cache;
    const staging = cache.staging();
    const start = blockOffset(index, first);
    let end = first;
    while (end < Math.min(last, this.blocks) && shelf[end] === 0) {
      if (blockOffset(index, end + 1) - start > staging.length) break;
      end++;
    }
    const all = staging.subarray(0, blockOffset(index, end) - start);
    if (all.length === 0 || this.#disk.readAt(this.#open(), all, start) < all.length) return end;
    for (let number = first; number < end; number++) {
      const at = blockOffset(index, number) - start;
      const bytes = all.subarray(at, blockOffset(index, number + 1) - start);
      if (blockFault(bytes, this.meta.number, number) !== undefined) continue;
      const plain = plainBlock(bytes, this.path, start + at);
      const frame = cache.take(plain.length);
      if (frame === 0) return number;
      cache.slabOf(frame).bytes.set(plain, cache.baseOf(frame));
      cache.enter(frame, shelf, number);
    }
    return end;
  }

  #holdsKey(place: number, key: Uint8Array): boolean {
    const { words, bytes } = this.#slab;
    if (words[place >> 2] !== key.length) return false;
    return equalRange(bytes, place + RECORD_HEADER_BYTES, key, 0, key.length);
  }

  /** Walks from the key's newest version, at `place` of the block reached, to the visible one. */
  #findVersion(newest: number, newestPlace: number, lookup: Lookup): boolean {
    let number = newest;
    let place = newestPlace;
    for (;;) {
      const { words, view, bytes } = this.#slab;
      const lsn = view.getFloat64(place + 8, true);
      if (lsn <= lookup.atLsn) {
        const valueLength = words[(place >> 2) + 1]!;
        lookup.bytes = bytes;
        lookup.words = words;
        lookup.valueOffset = place + RECORD_HEADER_BYTES + lookup.key.length;
        lookup.isTombstone = valueLength === TOMBSTONE;
        lookup.valueLength = lookup.isTombstone ? 0 : valueLength;
        lookup.lsn = lsn;
        return true;
      }
      place += recordBytesAt(words, place);
      const size = words[(this.#base >> 2) + 1]!;
      const lastPlace = words[((this.#base + size) >> 2) - words[(this.#base >> 2) + 2]!]!;
      if (place > this.#base + lastPlace) {
        if (++number === this.blocks) return false;
        this.#reach(number);
        place = this.#base + this.#slab.words[((this.#base + this.#sizeReached()) >> 2) - 1]!;
      }
      if (!this.#holdsKey(place, lookup.key)) return false;
    }
  }

  #sizeReached(): number {
    return this.#slab.words[(this.#base >> 2) + 1]!;
  }

  #open(): DiskFile {
    this.#file ??= this.#disk.open(this.path, 'read-direct');
    return this.#file;
  }

  #load(): BlockIndex {
    this.#index ??= loadBlockIndex(this.#disk, this.path, this.meta);
    return this.#index;
  }

  #discardIfUnused(): void {
    if (!this.#obsolete || this.#holders > 0) return;
    if (this.#shelf !== undefined) this.#cache.drop(this.#shelf);
    this.#points = undefined;
    if (this.#loan !== undefined) this.#cache.takeBack(this.#loan);
    this.close();
    this.#remove(this.path, this.meta.bytes);
  }
}
