/**
 * What is kept in memory of a run: its footer, where its blocks begin, their first keys, and the
 * point index. Read with the first use, or handed over by the task that wrote the run.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { corruption } from '../errors.ts';
import { alignUp, compareRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { KeyHasher } from '../format/hash.ts';
import { PointIndexBuilder, placeBitsOf } from './point-index.ts';
import { pointsOfBlocks } from './points-of-blocks.ts';
import {
  BLOCK_GRAIN,
  decodeFooter,
  FOOTER_BYTES,
  type RunFooter,
  type RunMeta,
} from './run-format.ts';

/** The point index is read and checked in pieces that stay in the processor's cache between the two. */
const PIECE_BYTES = 1024 * 1024;

export interface BlockIndex {
  readonly footer: RunFooter;
  /** blocks + 1 starts in units of 512 bytes, then blocks ends of first keys. */
  readonly words: Uint32Array;
  readonly firstKeys: Uint8Array;
}

/** A point index and how to read its slots. */
export interface PointIndex {
  readonly slots: Uint32Array;
  readonly placeBits: number;
  /** Whether its keys are hashed under the store's secret. */
  readonly keyed: boolean;
}

export interface RunIndex extends BlockIndex {
  readonly points: PointIndex;
}

export function blockOffset({ words }: BlockIndex, number: number): number {
  return words[number]! * BLOCK_GRAIN;
}

/** The first key of block `number`, in place. */
export function firstKey({ words, firstKeys, footer }: BlockIndex, number: number): Uint8Array {
  const ends = footer.blocks + 1;
  return firstKeys.subarray(number === 0 ? 0 : words[ends + number - 1]!, words[ends + number]!);
}

/** The last block whose first key is below `key` (block 0 when there is none). */
export function blockBefore({ words, firstKeys, footer }: BlockIndex, key: Uint8Array): number {
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

/**
 * As `readBlockIndex`, from a file of its own: the index is not read by whole sectors, so not from
 * the one that blocks are read from directly.
 */
export function loadBlockIndex(disk: Disk, path: string, meta: RunMeta): BlockIndex {
  const file = disk.open(path, 'read');
  try {
    return readBlockIndex(disk, file, meta);
  } finally {
    disk.close(file);
  }
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
  const { blockIndexOffset, blockIndexBytes, pointOffset, pointCapacity, blocks } = footer;
  const within = (offset: number, length: number) =>
    offset >= 0 && length >= 0 && offset + length <= at;
  const indexed = 4 * (2 * blocks + 1) <= blockIndexBytes;
  if (
    !indexed ||
    !within(blockIndexOffset, blockIndexBytes) ||
    !within(pointOffset, 8 * pointCapacity)
  ) {
    throw corruption(path, at, 'the footer names places outside the file');
  }
  const bytes = readSection(disk, file, blockIndexOffset, blockIndexBytes);
  if (checksum(bytes, 0, bytes.length, 0) !== footer.blockIndexChecksum) {
    throw corruption(path, footer.blockIndexOffset, "the block index's checksum does not match");
  }
  const count = 2 * blocks + 1;
  const words = new Uint32Array(bytes.buffer, 0, count);
  const firstKeys = bytes.subarray(4 * count);
  const keyBytes = blocks === 0 ? 0 : words[2 * blocks];
  const ordered = ascends(words, 0, blocks) && ascends(words, blocks + 1, 2 * blocks);
  if (!ordered || keyBytes !== firstKeys.length || words[blocks]! * BLOCK_GRAIN !== pointOffset) {
    throw corruption(path, at, 'the footer and the block index do not agree');
  }
  return { footer, words, firstKeys };
}

/** Whether the words from `first` to `last` ascend, strictly. */
function ascends(words: Uint32Array, first: number, last: number): boolean {
  for (let i = first; i < last; i++) if (words[i]! >= words[i + 1]!) return false;
  return true;
}

/**
 * Reads and checks the point index, into `given` if that is long enough. Throws StoreError
 * `corruption`.
 */
export function readPoints(
  disk: Disk,
  file: DiskFile,
  index: BlockIndex,
  given?: Uint8Array,
): PointIndex {
  const { footer } = index;
  const length = 8 * footer.pointCapacity;
  const size = alignUp(length, BLOCK_GRAIN);
  const memory = given === undefined || given.length < size ? disk.allocate(size) : given;
  const bytes = memory.subarray(0, length);
  let sum = 0;
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const piece = memory.subarray(at, Math.min(size, at + PIECE_BYTES));
    disk.readAt(file, piece, footer.pointOffset + at);
    sum = checksum(bytes, at, Math.min(length, at + PIECE_BYTES), sum);
  }
  if (sum !== footer.pointChecksum) {
    throw corruption(file.path, footer.pointOffset, "the point index's checksum does not match");
  }
  if (footer.format === 1) return makePoints(disk, file, index);
  const slots = new Uint32Array(bytes.buffer, bytes.byteOffset, length / 4);
  return { slots, placeBits: footer.placeBits, keyed: footer.keyed };
}

/** Rebuilds the point index from the blocks of the run. */
function makePoints(disk: Disk, file: DiskFile, index: BlockIndex): PointIndex {
  const { footer, words } = index;
  let longest = BLOCK_GRAIN;
  for (let i = 0; i < footer.blocks; i++) {
    longest = Math.max(longest, (words[i + 1]! - words[i]!) * BLOCK_GRAIN);
  }
  const placeBits = placeBitsOf(longest);
  const builder = new PointIndexBuilder(new KeyHasher(footer.hashSeed), placeBits);
  const run = { number: footer.number, blocks: footer.blocks, starts: words };
  const steps = pointsOfBlocks(disk, file, run, builder);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return { slots: step.value.slots, placeBits, keyed: false };
  }
}

function readSection(
  disk: Disk,
  file: DiskFile,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  disk.readAt(file, bytes, offset);
  return bytes;
}
