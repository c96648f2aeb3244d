/**
 * LargeBlocks: cached blocks longer than a frame (one large record), each in memory of its own, the
 * oldest dropped first. Their frames are negative numbers.
 */
import { assert } from '../errors.ts';
import { type FrameTable, type Slab, slabOver } from './slab.ts';

interface LargeBlock {
  readonly slab: Slab;
  readonly frameTable: FrameTable;
  readonly number: number;
}

const NO_TABLE: FrameTable = new Int32Array(1);

export class LargeBlocks {
  readonly #blocks = new Map<number, LargeBlock>();
  #next = -1;
  bytes = 0;

  take(bytes: number): number {
    const frame = this.#next--;
    const slab = slabOver(new Uint8Array(bytes));
    this.#blocks.set(frame, { slab, frameTable: NO_TABLE, number: 0 });
    this.bytes += bytes;
    return frame;
  }

  slabOf(frame: number): Slab {
    return this.#blocks.get(frame)!.slab;
  }

  enter(frame: number, frameTable: FrameTable, number: number): void {
    this.#blocks.set(frame, { slab: this.slabOf(frame), frameTable, number });
  }

  drop(frame: number): void {
    this.bytes -= this.slabOf(frame).bytes.length;
    this.#blocks.delete(frame);
  }

  /** Drops the oldest until all take no more than `limitBytes`. */
  shrink(limitBytes: number): void {
    for (const [oldest, { frameTable, number }] of this.#blocks) {
      if (this.bytes <= limitBytes) break;
      assert(frameTable !== NO_TABLE, 'a block is filled before the next is taken');
      frameTable[number] = 0;
      this.drop(oldest);
    }
  }
}
