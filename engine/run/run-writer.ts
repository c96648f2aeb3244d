/**
 * RunWriter: writes sorted records to a run file.
 *
 * Requires: records ascend by key and, within a key, descend by lsn.
 * Durable after `finish` has been driven to its end. Syncing the directory entry is the caller's part.
 */
import type { TaskSteps } from '../env/background.ts';
import type { Disk, DiskFile } from '../env/disk.ts';
import { assert } from '../errors.ts';
import { alignUp, compareRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { GrowingBytes, GrowingWords } from '../format/growing.ts';
import { KeyHasher } from '../format/hash.ts';
import { giveWords, takeWords } from '../format/kept-words.ts';
import { type HashSeeds, SecretHasher } from '../format/keyed-hash.ts';
import { BlockBuilder } from './block-builder.ts';
import { CHUNK_BYTES, giveChunk, takeChunk } from './kept-chunks.ts';
import { packBlock } from './packed-block.ts';
import { PointIndexBuilder, placeBitsOf } from './point-index.ts';
import { pointsOfBlocks } from './points-of-blocks.ts';
import type { RecordSource } from './record.ts';
import { BLOCK_GRAIN, encodeFooter, RUN_FORMAT, type RunMeta } from './run-format.ts';
import type { RunIndex } from './run-index.ts';
import { spanOf } from './run-span.ts';

const WRITE_CHUNK_MIN = 4096;
/** The point index is checked and written in pieces: a step of a task stays short. */
const INDEX_PIECE_BYTES = 4 * 1024 * 1024;

export interface RunTarget extends HashSeeds {
  readonly path: string;
  readonly number: number;
  readonly tier: number;
  readonly blockBytes: number;
  /** Compress the blocks. */
  readonly packed: boolean;
}

/**
 * A run that was written: what the manifest has to say of it, and its index, in arrays of `takeWords`:
 * to keep it, a caller copies it (`isKept`).
 */
export interface WrittenRun {
  readonly meta: RunMeta;
  readonly index: RunIndex;
}

export class RunWriter {
  readonly #disk: Disk;
  readonly #file: DiskFile;
  readonly #target: RunTarget;
  readonly #block: BlockBuilder;
  readonly #points: PointIndexBuilder;
  readonly #chunk: Uint8Array;
  #chunkUsed = 0;
  #offset = 0;
  readonly #blockStarts = new GrowingWords();
  readonly #firstKeys = new GrowingBytes();
  readonly #firstKeyEnds = new GrowingWords();
  /** The last key of the block before, while the current one is empty. */
  #lastKey = new Uint8Array(0);
  #lastLsn = 0;
  #records = 0;
  #firstKey = new Uint8Array(0);
  /** Whether there is one version of each key so far, and no tombstone. */
  #isPlain = true;

  /** `bytesExpected`: approximate size, so that small runs take little memory. */
  constructor(disk: Disk, target: RunTarget, bytesExpected = CHUNK_BYTES) {
    this.#disk = disk;
    this.#target = target;
    this.#block = new BlockBuilder(target.number, target.blockBytes);
    const hasher = new KeyHasher(target.hashSeed);
    this.#points = new PointIndexBuilder(hasher, placeBitsOf(target.blockBytes));
    const chunk = Math.max(WRITE_CHUNK_MIN, alignUp(bytesExpected, WRITE_CHUNK_MIN));
    this.#chunk = takeChunk(disk, chunk);
    this.#file = disk.open(target.path, 'create-direct'); // last: nobody closes it if this throws
  }

  get blocks(): number {
    return this.#blockStarts.length;
  }

  get records(): number {
    return this.#records;
  }

  add(record: RecordSource): void {
    const { bytes, keyOffset, keyLength, lsn } = record;
    if (!this.#block.fits(keyLength, record.valueLength)) this.#sealBlock();
    const order = this.#compareLast(bytes, keyOffset, keyLength);
    assert(order < 0 || (order === 0 && lsn < this.#lastLsn), 'records of a run ascend');
    if (this.#block.count === 0) {
      this.#firstKeys.push(this.#separator(bytes, keyOffset, keyLength));
      this.#firstKeyEnds.push(this.#firstKeys.length);
    }
    if (this.#records === 0) this.#firstKey = bytes.slice(keyOffset, keyOffset + keyLength);
    if (order === 0 || record.isTombstone) this.#isPlain = false;
    const place = this.#block.add(record);
    if (order !== 0) this.#points.add(bytes, keyOffset, keyLength, this.blocks, place);
    this.#lastLsn = lsn;
    this.#records++;
  }

  /** Writes indexes and footer and syncs. */
  *finish(minLsn: number, maxLsn: number): TaskSteps<WrittenRun> {
    if (this.#block.count > 0) this.#sealBlock();
    const { number, tier, hashSeed, hashSecret, blockBytes, packed } = this.#target;
    const pointOffset = this.#offset;
    const { slots, keyed } = yield* this.#buildPoints();
    const pointBytes = new Uint8Array(slots.buffer, slots.byteOffset, slots.byteLength);
    let pointChecksum = 0;
    for (let at = 0; at < pointBytes.length; at += INDEX_PIECE_BYTES) {
      const end = Math.min(pointBytes.length, at + INDEX_PIECE_BYTES);
      pointChecksum = checksum(pointBytes, at, end, pointChecksum);
      this.#write(pointBytes.subarray(at, end));
      yield;
    }
    const blockIndexOffset = this.#offset;
    const blockIndex = this.#encodeBlockIndex(pointOffset);
    this.#write(blockIndex);
    const footer = {
      number,
      tier,
      hashSeed,
      hashSecret,
      keyed,
      blocks: this.blocks,
      records: this.#records,
      keys: this.#points.keys,
      minLsn,
      maxLsn,
      packed,
      placeBits: placeBitsOf(blockBytes),
      pointOffset,
      pointCapacity: slots.length / 2,
      pointChecksum,
      blockIndexOffset,
      blockIndexBytes: blockIndex.length,
      blockIndexChecksum: checksum(blockIndex, 0, blockIndex.length, 0),
    };
    this.#write(encodeFooter(footer));
    this.#drain();
    yield this.#disk.sync(this.#file);
    this.#disk.close(this.#file);
    this.#release();
    const words = 2 * this.blocks + 1;
    const span = this.#isPlain ? spanOf(this.#firstKey, this.#lastKey) : undefined;
    return {
      meta: {
        number,
        tier,
        bytes: this.#offset,
        records: this.#records,
        minLsn,
        maxLsn,
        ...(span === undefined ? {} : { span }),
      },
      index: {
        footer: { format: RUN_FORMAT, ...footer },
        words: new Uint32Array(blockIndex.buffer, 0, words),
        firstKeys: blockIndex.subarray(4 * words),
        points: { slots, placeBits: footer.placeBits, keyed },
      },
    };
  }

  /**
   * The point index. If the keys crowd it, it is made anew under the secret, from the blocks as they
   * lie in the file: hashing each key twice ahead of need would cost every run.
   */
  *#buildPoints(): Generator<undefined, { slots: Uint32Array; keyed: boolean }, void> {
    const { slots, isCrowded } = yield* this.#points.build();
    if (!isCrowded) return { slots, keyed: false };
    giveWords(slots);
    this.#drain();
    const { number, hashSecret, blockBytes } = this.#target;
    const builder = new PointIndexBuilder(new SecretHasher(hashSecret), placeBitsOf(blockBytes));
    const starts = Uint32Array.from([...this.#blockStarts.words, this.#offset / BLOCK_GRAIN]);
    const run = { number, blocks: this.blocks, starts };
    const built = yield* pointsOfBlocks(this.#disk, this.#file, run, builder);
    return { slots: built.slots, keyed: true };
  }

  /** Aborts: closes and removes the file. */
  abandon(): void {
    this.#disk.close(this.#file);
    this.#disk.remove(this.#target.path);
    this.#release();
  }

  #release(): void {
    for (const grown of [this.#blockStarts, this.#firstKeys, this.#firstKeyEnds]) grown.release();
    giveChunk(this.#chunk);
  }

  /**
   * The shortest beginning of a block's first key that is above all keys before. The block index keeps
   * one of each block, so it does not grow with the length of keys that differ early.
   */
  #separator(bytes: Uint8Array, keyOffset: number, keyLength: number): Uint8Array {
    const last = this.#lastKey;
    let length = 0;
    while (length < keyLength && bytes[keyOffset + length] === last[length]) length++;
    return bytes.subarray(keyOffset, keyOffset + Math.min(keyLength, length + 1));
  }

  /** How the last key compares to this one: negative when it comes before. */
  #compareLast(bytes: Uint8Array, keyOffset: number, keyLength: number): number {
    if (this.#block.count > 0) return this.#block.compareLastKey(bytes, keyOffset, keyLength);
    const last = this.#lastKey;
    return compareRange(last, 0, last.length, bytes, keyOffset, keyLength);
  }

  #sealBlock(): void {
    assert(this.#offset % BLOCK_GRAIN === 0, 'blocks begin at a multiple of 512');
    this.#lastKey = new Uint8Array(this.#block.lastKey);
    this.#blockStarts.push(this.#offset / BLOCK_GRAIN);
    const number = this.#blockStarts.length - 1;
    const plain = this.#block.seal();
    this.#write(this.#target.packed ? packBlock(plain, this.#target.number, number) : plain);
  }

  /** Gathers whole chunks: only the last write of a file is not of that size. */
  #write(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    const chunk = this.#chunk;
    for (let done = 0; done < bytes.length; ) {
      const piece = Math.min(bytes.length - done, chunk.length - this.#chunkUsed);
      chunk.set(bytes.subarray(done, done + piece), this.#chunkUsed);
      this.#chunkUsed += piece;
      done += piece;
      if (this.#chunkUsed === chunk.length) this.#drain();
    }
  }

  #drain(): void {
    if (this.#chunkUsed === 0) return;
    this.#disk.append(this.#file, this.#chunk.subarray(0, this.#chunkUsed));
    this.#chunkUsed = 0;
  }

  #encodeBlockIndex(blocksEnd: number): Uint8Array {
    const blocks = this.blocks;
    const head = 4 * (2 * blocks + 1);
    const size = head + this.#firstKeys.length;
    const words = takeWords(Math.ceil(size / 4));
    const bytes = new Uint8Array(words.buffer, 0, size);
    words.set(this.#blockStarts.words);
    words[blocks] = blocksEnd / BLOCK_GRAIN;
    words.set(this.#firstKeyEnds.words, blocks + 1);
    bytes.set(this.#firstKeys.bytes, head);
    return bytes;
  }
}
