/**
 * RunWriter: records in order become a run file.
 *
 * Requires: records ascend by key and, within a key, descend by lsn.
 * Durable after: `finish` has been driven to its end. The directory entry is the caller's.
 */
import type { TaskSteps } from '../env/background.ts';
import type { Disk, DiskFile } from '../env/disk.ts';
import { assert } from '../errors.ts';
import { compareRange, copyRange } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { BlockBuilder } from './block-builder.ts';
import { PointIndexBuilder } from './point-index.ts';
import type { RecordSource } from './record.ts';
import { BLOCK_GRAIN, BLOCKS_PER_RUN_MAX, encodeFooter, type RunMeta } from './run-format.ts';

const WRITE_CHUNK_BYTES = 1024 * 1024;

export interface RunTarget {
  readonly path: string;
  readonly number: number;
  readonly tier: number;
  readonly hashSeed: number;
  readonly blockBytes: number;
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
  #blockStarts: number[] = [];
  #firstKeys: Uint8Array[] = [];
  #lastKey = new Uint8Array(0);
  #lastLsn = 0;
  #records = 0;

  constructor(disk: Disk, target: RunTarget) {
    this.#disk = disk;
    this.#target = target;
    this.#file = disk.open(target.path, 'create');
    this.#block = new BlockBuilder(target.number, target.blockBytes);
    this.#points = new PointIndexBuilder(target.hashSeed);
    this.#chunk = new Uint8Array(Math.max(WRITE_CHUNK_BYTES, 2 * target.blockBytes));
  }

  get blocks(): number {
    return this.#blockStarts.length;
  }

  get records(): number {
    return this.#records;
  }

  add(record: RecordSource): void {
    const { bytes, keyOffset, keyLength, lsn } = record;
    const last = this.#lastKey;
    const order = compareRange(bytes, keyOffset, keyLength, last, 0, last.length);
    assert(order > 0 || (order === 0 && lsn < this.#lastLsn), 'records of a run ascend');
    if (!this.#block.fits(keyLength, record.valueLength)) this.#sealBlock();
    if (this.#block.count === 0) this.#firstKeys.push(copyRange(bytes, keyOffset, keyLength));
    if (order !== 0) {
      this.#points.add(bytes, keyOffset, keyLength, this.blocks, this.#block.count);
      if (keyLength !== last.length) this.#lastKey = new Uint8Array(keyLength);
      this.#lastKey.set(bytes.subarray(keyOffset, keyOffset + keyLength));
    }
    this.#block.add(record);
    this.#lastLsn = lsn;
    this.#records++;
  }

  /** Writes indexes and footer and syncs. Answers what the manifest has to say of the run. */
  *finish(minLsn: number, maxLsn: number): TaskSteps<RunMeta> {
    if (this.#block.count > 0) this.#sealBlock();
    const blocks = this.blocks;
    const pointOffset = this.#offset;
    const points = this.#points.build();
    const pointBytes = new Uint8Array(points.buffer);
    this.#write(pointBytes);
    yield;
    const blockIndexOffset = this.#offset;
    const blockIndex = this.#encodeBlockIndex(pointOffset);
    this.#write(blockIndex);
    const { number, tier, hashSeed } = this.#target;
    const footer = encodeFooter({
      number,
      tier,
      hashSeed,
      blocks,
      records: this.#records,
      keys: this.#points.keys,
      minLsn,
      maxLsn,
      pointOffset,
      pointCapacity: points.length / 2,
      pointChecksum: checksum(pointBytes, 0, pointBytes.length, 0),
      blockIndexOffset,
      blockIndexBytes: blockIndex.length,
      blockIndexChecksum: checksum(blockIndex, 0, blockIndex.length, 0),
    });
    this.#write(footer);
    this.#drain();
    yield this.#disk.sync(this.#file);
    this.#disk.close(this.#file);
    return { number, tier, bytes: this.#offset, records: this.#records, minLsn, maxLsn };
  }

  /** Gives up: closes and removes the file. */
  abandon(): void {
    this.#disk.close(this.#file);
    this.#disk.remove(this.#target.path);
  }

  #sealBlock(): void {
    assert(this.blocks < BLOCKS_PER_RUN_MAX, 'a run has at most 2^23 blocks');
    assert(this.#offset % BLOCK_GRAIN === 0, 'blocks begin at a multiple of 512');
    this.#blockStarts.push(this.#offset / BLOCK_GRAIN);
    this.#write(this.#block.seal(this.#blockStarts.length - 1));
  }

  #write(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    if (this.#chunkUsed + bytes.length > this.#chunk.length) this.#drain();
    if (bytes.length > this.#chunk.length) {
      this.#disk.append(this.#file, bytes);
      return;
    }
    this.#chunk.set(bytes, this.#chunkUsed);
    this.#chunkUsed += bytes.length;
  }

  #drain(): void {
    if (this.#chunkUsed === 0) return;
    this.#disk.append(this.#file, this.#chunk.subarray(0, this.#chunkUsed));
    this.#chunkUsed = 0;
  }

  #encodeBlockIndex(blocksEnd: number): Uint8Array {
    const keyBytes = this.#firstKeys.reduce((sum, key) => sum + key.length, 0);
    const blocks = this.blocks;
    const bytes = new Uint8Array(4 * (2 * blocks + 1) + keyBytes);
    const words = new Uint32Array(bytes.buffer, 0, 2 * blocks + 1);
    words.set(this.#blockStarts);
    words[blocks] = blocksEnd / BLOCK_GRAIN;
    let end = 0;
    for (const [i, key] of this.#firstKeys.entries()) {
      bytes.set(key, 4 * (2 * blocks + 1) + end);
      end += key.length;
      words[blocks + 1 + i] = end;
    }
    return bytes;
  }
}
