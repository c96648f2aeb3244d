/**
 * RunReader: point reads in one run, and blocks for its cursors.
 *
 * Opening reads nothing; the indexes are read with the first use and stay in memory. A file is
 * closed when the last holder releases it, and removed then if the run has become obsolete.
 */
import type { Disk } from '../env/disk.ts';
import { assert, corruption } from '../errors.ts';
import { equalRange } from '../format/bytes.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import { AwaitedPoints } from './awaited-points.ts';
import { Block, type BlockSource, recordBytesAt } from './block.ts';
import type { BlockCache, Lease } from './block-cache.ts';
import { CachedBlocks } from './cached-blocks.ts';
import type { Lookup } from './lookup.ts';
import { EMPTY_SLOT, firstSlot, slotBlock, slotPlace } from './point-index.ts';
import type { Cursor, CursorRange } from './record.ts';
import { RunCursor } from './run-cursor.ts';
import { checkBytesOf, RECORD_HEADER_BYTES, type RunMeta, runFileName } from './run-format.ts';
import { blockBefore, firstKey, type PointIndex, readPoints } from './run-index.ts';
import type { RunReaderOptions } from './run-reader-options.ts';
import type { TreeRun } from './tree-run.ts';

/** A cache line, in words. */
const LINE_WORDS = 16;

export class RunReader implements BlockSource, TreeRun {
  readonly meta: RunMeta;
  readonly path: string;
  readonly #disk: Disk;
  readonly #cache: BlockCache;
  readonly #blocks: CachedBlocks;
  #points: PointIndex | undefined;
  readonly #awaited: AwaitedPoints;
  readonly #lease: Lease | undefined;
  readonly #remove: (path: string, bytes: number) => void;
  #holders = 0;
  #obsolete = false;
  /** Keeps the reads of `touchRecord` from being optimised away. */
  #touched = 0;
  /** Probes that found another key. */
  failedProbes = 0;
  /** Length of the longest unsuccessful probe, in slots. */
  longestProbe = 0;

  constructor(
    disk: Disk,
    directory: string,
    meta: RunMeta,
    cache: BlockCache,
    options: RunReaderOptions = {},
  ) {
    this.#disk = disk;
    this.meta = meta;
    this.path = `${directory}/${runFileName(meta.number)}`;
    this.#cache = cache;
    this.#blocks = new CachedBlocks(disk, this.path, meta, cache, options.index);
    this.#points = options.points;
    this.#lease = options.lease;
    this.#remove = options.removeLater ?? ((path) => disk.remove(path));
    this.#awaited = new AwaitedPoints(meta, options);
  }

  get blocks(): number {
    return this.#blocks.count;
  }

  get checkBytes(): number {
    return checkBytesOf(this.#blocks.index.footer.format);
  }

  get indexBytes(): number {
    const points = this.#points?.slots.byteLength ?? this.#awaited.pendingBytes;
    return this.#blocks.indexBytes + points;
  }

  /** Starts reading a large point index in the background. */
  preload(): void {
    if (this.#points === undefined) this.#awaited.begin();
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

  /** The manifest no longer names this run: removes it after the last reader. */
  markObsolete(): void {
    this.#obsolete = true;
    this.#discardIfUnused();
  }

  /** Closes the file whether or not it is held: the store is closing. */
  close(): void {
    this.#blocks.close();
  }

  /** Finds the newest version at or before `lookup.atLsn`. */
  find(lookup: Lookup): boolean {
    const points = this.#points ?? this.#pointsNow();
    if (points === undefined) return this.#findByBlocks(lookup);
    const { slots, placeBits } = points;
    const capacity = slots.length / 2;
    const { hash, fingerprint } = points.keyed ? lookup.secretHashes : lookup;
    const first = firstSlot(hash, capacity);
    let slot = first;
    do {
      const low = slots[2 * slot + 1]!;
      if (low === EMPTY_SLOT) {
        if (slot - first > this.longestProbe) this.longestProbe = slot - first;
        return false;
      }
      const high = slots[2 * slot]!;
      if (high >>> 8 === fingerprint) {
        const number = slotBlock(high, low, placeBits);
        if (this.#blocks.readRecord(number, slotPlace(low, placeBits), lookup)) return true;
        this.#blocks.reach(number);
        const place = this.#blocks.base + slotPlace(low, placeBits);
        if (this.#holdsKey(place, lookup.key)) return this.#findVersion(number, place, lookup);
        this.failedProbes++;
      }
      slot = slot + 1 === capacity ? 0 : slot + 1;
    } while (slot !== first);
    throw corruption(this.path, 0, 'no slot of its point index is empty');
  }

  /**
   * Reads the lines of memory that a later `find` ends with, if the block is in the cache. Answers
   * whether this is where it will end, as far as the fingerprint tells.
   */
  touchRecord(lookup: Lookup): boolean {
    const points = this.#points;
    const { frameTable } = this.#blocks;
    if (points === undefined || frameTable === undefined) return false;
    const { hash, fingerprint } = points.keyed ? lookup.secretHashes : lookup;
    const { slots, placeBits } = points;
    const capacity = slots.length / 2;
    for (let slot = firstSlot(hash, capacity); ; slot = slot + 1 === capacity ? 0 : slot + 1) {
      const low = slots[2 * slot + 1]!;
      if (low === EMPTY_SLOT) return false;
      const high = slots[2 * slot]!;
      if (high >>> 8 !== fingerprint) continue;
      const cache = this.#cache;
      const frame = frameTable[slotBlock(high, low, placeBits)]!;
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

  /** Block `number`, checked, and pinned until `unpin`. */
  block(number: number): Block {
    return this.#blocks.pinned(number);
  }

  unpin(block: Block): void {
    this.#cache.unpin(block.frame);
  }

  blockBefore(key: Uint8Array): number {
    return blockBefore(this.#blocks.index, key);
  }

  firstKey(number: number): Uint8Array {
    return firstKey(this.#blocks.index, number);
  }

  openCursors(range: CursorRange, cursors: Cursor[]): void {
    cursors.push(new RunCursor(this, range));
  }

  /** How many blocks from `first` up to `end` the cache holds. Reads nothing. */
  cachedWithin(first?: number, end?: number): number {
    return this.#blocks.cachedWithin(first, end);
  }

  /** Brings the blocks from `first` up to `end` into the cache, as far as there is room. */
  warm(first: number, end: number): void {
    this.#blocks.warm(first, end);
  }

  /** Evicts the unpinned blocks from `first` up to `end`. */
  evictUnpinned(first: number, end: number): void {
    this.#blocks.evictUnpinned(first, end);
  }

  /** The point index, if it is loaded or can be loaded synchronously; otherwise `undefined`. */
  #pointsNow(): PointIndex | undefined {
    const { index } = this.#blocks;
    this.#points = this.#awaited.points(8 * index.footer.pointCapacity, () => this.#readPoints());
    return this.#points;
  }

  /** From a file of its own: the index is not read by whole sectors. */
  #readPoints(): PointIndex {
    const file = this.#disk.open(this.path, 'read-direct');
    try {
      return readPoints(this.#disk, file, this.#blocks.index);
    } finally {
      this.#disk.close(file);
    }
  }

  /** As `find`, by the first keys of the blocks: right too, and one block read whether found or not. */
  #findByBlocks(lookup: Lookup): boolean {
    const blocks = this.#blocks;
    let number = this.blockBefore(lookup.key);
    blocks.reach(number);
    const block = new Block(blocks.slab, blocks.base, number, 0);
    const at = block.lowerBound(lookup.key);
    let place = at < block.records ? block.placeOf(at) : -1;
    if (place < 0) {
      if (++number === this.blocks) return false;
      blocks.reach(number);
      place = new Block(blocks.slab, blocks.base, number, 0).placeOf(0);
    }
    return this.#holdsKey(place, lookup.key) && this.#findVersion(number, place, lookup);
  }

  #holdsKey(place: number, key: Uint8Array): boolean {
    const { words, bytes } = this.#blocks.slab;
    if (words[place >> 2] !== key.length) return false;
    return equalRange(bytes, place + RECORD_HEADER_BYTES, key, 0, key.length);
  }

  /** Walks from the key's newest version, at `place` of the block reached, to the visible one. */
  #findVersion(newest: number, newestPlace: number, lookup: Lookup): boolean {
    const blocks = this.#blocks;
    let number = newest;
    let place = newestPlace;
    for (;;) {
      const { words, view, bytes } = blocks.slab;
      const { base } = blocks;
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
      place += recordBytesAt(words, place) + this.checkBytes;
      const size = words[(base >> 2) + 1]!;
      const lastPlace = words[((base + size) >> 2) - words[(base >> 2) + 2]!]!;
      if (place > base + lastPlace) {
        if (++number === this.blocks) return false;
        blocks.reach(number);
        place = new Block(blocks.slab, blocks.base, number, 0).placeOf(0);
      }
      if (!this.#holdsKey(place, lookup.key)) return false;
    }
  }

  #discardIfUnused(): void {
    if (!this.#obsolete || this.#holders > 0) return;
    this.#blocks.evictUnpinned();
    this.#points = undefined;
    if (this.#lease !== undefined) this.#cache.takeBack(this.#lease);
    this.close();
    this.#remove(this.path, this.meta.bytes);
  }
}
