/**
 * RunStream: reads the blocks of one run in order, for merges. Reads 1 MiB at a time, bypasses every cache,
 * and verifies each block's checksum.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { corruption } from '../errors.ts';
import { Block, type BlockSource, blockFault } from './block.ts';
import { CHUNK_BYTES, giveChunk, takeChunk } from './kept-chunks.ts';
import { plainBlock } from './packed-block.ts';
import { checkBytesOf, type RunMeta, runFileName } from './run-format.ts';
import { type BlockIndex, blockBefore, blockOffset, loadBlockIndex } from './run-index.ts';
import { type Slab, slabOver } from './slab.ts';

export class RunStream implements BlockSource {
  readonly #disk: Disk;
  readonly #meta: RunMeta;
  readonly #file: DiskFile;
  readonly #index: BlockIndex;
  #chunk: Slab;
  #first = 0;
  #end = 0;

  constructor(disk: Disk, directory: string, meta: RunMeta) {
    this.#disk = disk;
    this.#meta = meta;
    const path = `${directory}/${runFileName(meta.number)}`;
    this.#index = loadBlockIndex(disk, path, meta);
    const bytes = blockOffset(this.#index, this.blocks);
    this.#chunk = slabOver(takeChunk(disk, bytes));
    this.#file = disk.open(path, 'read-direct');
  }

  get blocks(): number {
    return this.#index.footer.blocks;
  }

  get checkBytes(): number {
    return checkBytesOf(this.#index.footer.format);
  }

  /** Valid until a block outside the chunk is asked for: a merge has left it by then. */
  block(number: number): Block {
    if (number < this.#first || number >= this.#end) this.#read(number);
    const start = blockOffset(this.#index, number);
    const base = start - blockOffset(this.#index, this.#first);
    const size = blockOffset(this.#index, number + 1) - start;
    const bytes = this.#chunk.bytes.subarray(base, base + size);
    const fault = blockFault(bytes, this.#meta.number, number);
    if (fault !== undefined) throw corruption(this.#file.path, start, fault);
    const plain = plainBlock(bytes, this.#file.path, start);
    if (plain !== bytes) return new Block(slabOver(plain), 0, number, 0);
    return new Block(this.#chunk, base, number, 0);
  }

  unpin(): void {
    // Its memory is the stream's.
  }

  blockBefore(key: Uint8Array): number {
    return blockBefore(this.#index, key);
  }

  hold(): void {
    // Inputs of a merge outlive it: the manifest names them until it is done.
  }

  release(): void {
    this.#disk.close(this.#file);
    giveChunk(this.#chunk.bytes);
  }

  /** Reads as many whole blocks from `first` on as fit the chunk, one at least. */
  #read(first: number): void {
    const start = blockOffset(this.#index, first);
    let end = first + 1;
    while (end < this.blocks && blockOffset(this.#index, end + 1) - start <= CHUNK_BYTES) end++;
    const length = blockOffset(this.#index, end) - start;
    if (length > this.#chunk.bytes.length) {
      giveChunk(this.#chunk.bytes);
      this.#chunk = slabOver(this.#disk.allocate(length));
    }
    const bytes = this.#chunk.bytes.subarray(0, length);
    const got = this.#disk.readAt(this.#file, bytes, start);
    if (got < length) throw corruption(this.#file.path, start + got, 'the run is cut off');
    this.#first = first;
    this.#end = end;
  }
}
