/** Makes the point index of a run from its blocks, as they lie in its file. */
import type { Disk, DiskFile } from '../env/disk.ts';
import { corruption } from '../errors.ts';
import { compareRange, copyRange } from '../format/bytes.ts';
import { blockFault, eachRecord } from './block.ts';
import { plainBlock } from './packed-block.ts';
import type { BuiltPoints, PointIndexBuilder } from './point-index.ts';
import { BLOCK_GRAIN, RECORD_HEADER_BYTES } from './run-format.ts';

const BLOCKS_A_STEP = 32;

export interface StoredBlocks {
  /** The run's. */
  readonly number: number;
  readonly blocks: number;
  /** Where each block begins, in units of 512 bytes, and where the last one ends. */
  readonly starts: Uint32Array;
}

/** Throws StoreError `corruption`. */
export function* pointsOfBlocks(
  disk: Disk,
  file: DiskFile,
  { number: run, blocks, starts }: StoredBlocks,
  builder: PointIndexBuilder,
): Generator<undefined, BuiltPoints, void> {
  let last: Uint8Array = new Uint8Array(0);
  for (let number = 0; number < blocks; number++) {
    const start = starts[number]! * BLOCK_GRAIN;
    const stored = new Uint8Array(starts[number + 1]! * BLOCK_GRAIN - start);
    disk.readAt(file, stored, start);
    const fault = blockFault(stored, run, number);
    if (fault !== undefined) throw corruption(file.path, start, fault);
    const bytes = plainBlock(stored, file.path, start);
    eachRecord(bytes, ({ place, keyLength }) => {
      const key = place + RECORD_HEADER_BYTES;
      if (compareRange(bytes, key, keyLength, last, 0, last.length) === 0) return;
      builder.add(bytes, key, keyLength, number, place);
      last = copyRange(bytes, key, keyLength);
    });
    if (number % BLOCKS_A_STEP === 0) yield;
  }
  return yield* builder.build();
}
