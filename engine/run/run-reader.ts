/**
 * RunReader: point reads in one run, and blocks for its cursors.
 *
 * Opening reads nothing; the indexes are read with the first use and stay in memory. A file is
 * closed when the last holder lets go, and removed then if the run has become obsolete.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { assert, corruption } from '../errors.ts';
import { compareRange, equalRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import type { BlockCache, BlockShelf, CachedBlock } from './block-cache.ts';
import type { Lookup } from './lookup.ts';
import {
  BLOCK_GRAIN,
  blockSeed,
  decodeFooter,
  EMPTY_LOCATION,
  FOOTER_BYTES,
  RECORD_BITS,
  RECORD_HEADER_BYTES,
  RECORDS_PER_BLOCK_MAX,
  type RunFooter,
  type RunMeta,
  runFileName,
} from './run-format.ts';

interface BlockIndex {
  readonly footer: RunFooter;
  /** blocks + 1 starts, then blocks ends of first keys. */
  readonly words: Uint32Array;
  readonly firstKeys: Uint8Array;
}

export class RunReader {
  readonly meta: RunMeta;
  readonly path: string;
  readonly #disk: Disk;
  readonly #cache: BlockCache;
  readonly #shelf: BlockShelf = [];
  #file: DiskFile | undefined;
  #index: BlockIndex | undefined;
  #points: Uint32Array | undefined;
  #holders = 0;
  #obsolete = false;
  /** Slots looked at that held another key. */
  failedProbes = 0;

  constructor(disk: Disk, directory: string, meta: RunMeta, cache: BlockCache) {
    this.#disk = disk;
    this.meta = meta;
    this.path = `${directory}/${runFileName(meta.number)}`;
    this.#cache = cache;
  }

  get blocks(): number {
    return this.#load().footer.blocks;
  }

  get indexBytes(): number {
    const index = this.#index;
    const blocks = index === undefined ? 0 : index.words.byteLength + index.firstKeys.length;
    return blocks + (this.#points?.byteLength ?? 0);
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
    this.#points ??= readPoints(this.#disk, this.#open(), this.#load().footer);
    const points = this.#points;
    const capacity = points.length / 2;
    const { key, fingerprint } = lookup;
    let slot = Math.floor((lookup.hash * capacity) / 4294967296);
    for (;;) {
      const location = points[2 * slot + 1]!;
      if (location === EMPTY_LOCATION) return false;
      if (points[2 * slot] === fingerprint) {
        const block = this.block(location >>> RECORD_BITS);
        const record = location & (RECORDS_PER_BLOCK_MAX - 1);
        if (holdsKey(block, record, key)) {
          return this.#findVersion(location >>> RECORD_BITS, record, lookup);
        }
        this.failedProbes++;
      }
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
  }

  /** Block `number`, checked and cached. Throws StoreError `corruption`. */
  block(number: number): CachedBlock {
    const cached = this.#shelf[number];
    if (cached !== undefined) {
      cached.recentlyUsed = true;
      this.#cache.hits++;
      return cached;
    }
    const bytes = this.readBlock(number);
    const fault = blockFault(bytes, this.meta.number, number);
    if (fault !== undefined) throw corruption(this.path, this.blockOffset(number), fault);
    return this.#cache.insert(this.#shelf, number, bytes);
  }

  /** Block `number` as it is on disk: neither cached nor checked. */
  readBlock(number: number): Uint8Array {
    const start = this.blockOffset(number);
    const bytes = new Uint8Array(this.blockOffset(number + 1) - start);
    const got = this.#disk.readAt(this.#open(), bytes, start);
    return bytes.subarray(0, got);
  }

  blockOffset(number: number): number {
    return this.#load().words[number]! * BLOCK_GRAIN;
  }

  /** The last block whose first key is below `key` (block 0 when there is none). */
  blockBefore(key: Uint8Array): number {
    const { words, firstKeys, footer } = this.#load();
    const ends = footer.blocks + 1;
    let low = 0;
    let high = footer.blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = middle === 0 ? 0 : words[ends + middle - 1]!;
      const length = words[ends + middle]! - start;
      if (compareRange(firstKeys, start, length, key, 0, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #findVersion(number: number, record: number, lookup: Lookup): boolean {
    let block = this.block(number);
    let at = record;
    for (;;) {
      const place = placeOf(block, at);
      const lsn = block.view.getFloat64(place + 8, true);
      if (lsn <= lookup.atLsn) {
        const keyLength = block.view.getUint32(place, true);
        const valueLength = block.view.getUint32(place + 4, true);
        lookup.bytes = block.bytes;
        lookup.valueOffset = place + RECORD_HEADER_BYTES + keyLength;
        lookup.isTombstone = valueLength === TOMBSTONE;
        lookup.valueLength = lookup.isTombstone ? 0 : valueLength;
        lookup.lsn = lsn;
        return true;
      }
      if (++at === block.records) {
        if (++number === this.blocks) return false;
        block = this.block(number);
        at = 0;
      }
      if (!holdsKey(block, at, lookup.key)) return false;
    }
  }

  #open(): DiskFile {
    this.#file ??= this.#disk.open(this.path, 'read');
    return this.#file;
  }

  #load(): BlockIndex {
    this.#index ??= readBlockIndex(this.#disk, this.#open(), this.meta);
    return this.#index;
  }

  #discardIfUnused(): void {
    if (!this.#obsolete || this.#holders > 0) return;
    this.#cache.drop(this.#shelf);
    this.close();
    this.#disk.remove(this.path);
  }
}

/** Where record `index` begins in its block. */
export function placeOf(block: CachedBlock, index: number): number {
  return block.view.getUint32(block.bytes.length - 4 * (index + 1), true);
}

function holdsKey(block: CachedBlock, index: number, key: Uint8Array): boolean {
  const place = placeOf(block, index);
  if (block.view.getUint32(place, true) !== key.length) return false;
  return equalRange(block.bytes, place + RECORD_HEADER_BYTES, key, 0, key.length);
}

/** Why a block's bytes are not block `number` of run `run`, or `undefined` when they are. */
export function blockFault(bytes: Uint8Array, run: number, number: number): string | undefined {
  if (bytes.length < BLOCK_GRAIN) return 'the block is cut off';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crc = checksum(bytes, 4, bytes.length, blockSeed(run, number));
  if (view.getUint32(0, true) !== crc) return `the checksum of block ${number} does not match`;
  if (view.getUint32(4, true) !== bytes.length) return `block ${number} has the wrong length`;
  return undefined;
}

/** Reads and checks footer and block index. Throws StoreError `corruption` or `format-newer`. */
export function readBlockIndex(disk: Disk, file: DiskFile, meta: RunMeta): BlockIndex {
  const size = disk.size(file);
  const { path } = file;
  if (size !== meta.bytes) {
    throw corruption(path, Math.min(size, meta.bytes), `it has ${size} bytes, not ${meta.bytes}`);
  }
  const at = size - FOOTER_BYTES;
  const footer = decodeFooter(readSection(disk, file, at, FOOTER_BYTES), path);
  if ('fault' in footer) throw corruption(path, at, footer.fault);
  if (footer.number !== meta.number) {
    throw corruption(path, at, `it is run ${footer.number}, in the place of ${meta.number}`);
  }
  const bytes = readSection(disk, file, footer.blockIndexOffset, footer.blockIndexBytes);
  if (checksum(bytes, 0, bytes.length, 0) !== footer.blockIndexChecksum) {
    throw corruption(path, footer.blockIndexOffset, "the block index's checksum does not match");
  }
  const words = 2 * footer.blocks + 1;
  const firstKeys = bytes.subarray(4 * words);
  return { footer, words: new Uint32Array(bytes.buffer, 0, words), firstKeys };
}

/** Reads and checks the point index. Throws StoreError `corruption`. */
export function readPoints(disk: Disk, file: DiskFile, footer: RunFooter): Uint32Array {
  const bytes = readSection(disk, file, footer.pointOffset, 8 * footer.pointCapacity);
  if (checksum(bytes, 0, bytes.length, 0) !== footer.pointChecksum) {
    throw corruption(file.path, footer.pointOffset, "the point index's checksum does not match");
  }
  return new Uint32Array(bytes.buffer);
}

function readSection(disk: Disk, file: DiskFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  disk.readAt(file, bytes, offset);
  return bytes;
}
