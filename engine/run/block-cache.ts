/**
 * BlockCache: blocks of all runs in memory, bounded in bytes, evicted by CLOCK (second chance).
 *
 * Memory comes in slabs, each cut into frames of one block; a run keeps a frame table that says which
 * frame holds which of its blocks, so that a hit costs two array reads and makes no object. The few
 * blocks longer than a frame have memory of their own: see `LargeBlocks`.
 *
 * The limit may move: a slab is added when there is room for one, and dropped whole, with the blocks
 * in it, when there no longer is.
 *
 * Invariants:
 * 1. A block is entered in its frame table only after its checksum matched, or by its writer, so a
 *    hit needs no check.
 * 2. A pinned frame is not evicted, and its slab not dropped. A caller that holds a frame across a turn has
 *    pinned it; one that reads a value within a turn is counted in `views`.
 * 3. A frame that is lent is pinned, and in no frame table.
 */
import { assert } from '../errors.ts';
import { LargeBlocks } from './large-blocks.ts';
import { type FrameTable, type Slab, slabOver } from './slab.ts';

/** Allocates memory that the disk's direct reads can fill. */
export type Allocate = (bytes: number) => Uint8Array;

/** Adjacent frames, leased as one piece of memory. */
export interface Lease {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly count: number;
}

/** The memory limit of a cache. */
export interface CacheRoom {
  /** Upper bound of the limit: slabs and frame arrays are sized for it. */
  readonly mostBytes: number;
  /** The current limit; read before and after the cache grows. */
  limitBytes(): number;
  /**
   * Called after a slab was added: others may have to give theirs up. It is filled from its beginning.
   * Answers a word that says how many of its bytes are backed by memory; `undefined` if no thread backs it.
   */
  grown?(slab: Uint8Array): Int32Array | undefined;
}

const SLAB_BYTES_MAX = 64 * 2 ** 20;
const SLABS_AIMED = 64;
const READ_AHEAD_BYTES = 512 * 1024;
/** All leases take no more than this share of the limit. Each lies in one slab. */
const LENT_SHARE = 1 / 2;
/** The share of the limit that only blocks longer than a frame may use. */
const LARGE_SHARE = 1 / 64;
/** Blocks until a cache that was refused a slab asks again: asking costs more than reading. */
const ASK_AGAIN = 256;
/** Stands for a slab that was dropped. */
const NO_SLAB = slabOver(new Uint8Array(0));

export class BlockCache {
  readonly frameBytes: number;
  readonly slabs: Slab[] = [];
  /** Backed bytes of each slab, if known. */
  readonly #backed: (Int32Array | undefined)[] = [];
  readonly slabBits: number;
  readonly #room: CacheRoom;
  readonly #framesMax: number;
  readonly #allocate: Allocate;
  readonly #frameTables: (FrameTable | undefined)[] = [undefined];
  #numbers = new Uint32Array(1);
  #pins = new Uint8Array(1);
  #free: number[] = [];
  readonly #large = new LargeBlocks();
  /** 1 for frames that were read since the hand passed. Readers set it. */
  referenced = new Uint8Array(1);
  #staging: Uint8Array | undefined;
  #passing: Slab | undefined;
  #slabBytes = 0;
  #hand = 0;
  #framesUsed = 0;
  #askAgain = 0;
  /** Bytes of frames that are leased. */
  lentBytes = 0;
  leases = 0;
  hits = 0;
  misses = 0;
  /** Number of readers of values in place; nothing is evicted meanwhile. */
  views = 0;

  /** `room`: a number for a limit that does not move. */
  constructor(room: CacheRoom | number, frameBytes: number, allocate: Allocate = plainMemory) {
    this.#room = typeof room === 'number' ? { mostBytes: room, limitBytes: () => room } : room;
    this.frameBytes = frameBytes;
    this.#allocate = allocate;
    const { mostBytes } = this.#room;
    this.#framesMax = Math.floor((mostBytes * (1 - LARGE_SHARE)) / frameBytes);
    const slabBytes = Math.min(SLAB_BYTES_MAX, Math.max(frameBytes, mostBytes / SLABS_AIMED));
    this.slabBits = Math.floor(Math.log2(slabBytes / frameBytes));
  }

  get mostBytes(): number {
    return this.#room.mostBytes;
  }

  /** Bytes of blocks and leases. */
  get usedBytes(): number {
    return this.#framesUsed * this.frameBytes + this.#large.bytes;
  }

  /** Bytes of memory it holds, used or not. */
  get memoryBytes(): number {
    return this.#slabBytes + this.#large.bytes;
  }

  /** Upper bound of a read-ahead: a share of the cache. */
  get stagingBytes(): number {
    const frames = Math.min(READ_AHEAD_BYTES / this.frameBytes, this.#framesMax / 8);
    return Math.floor(frames) * this.frameBytes;
  }

  /** Staging memory for read-ahead. */
  staging(): Uint8Array {
    this.#staging ??= this.#allocate(this.stagingBytes);
    return this.#staging;
  }

  /**
   * Memory for a block of `bytes` that is read once, valid until it is asked for again; memory of its
   * own while somebody looks at values in place.
   */
  passing(bytes: number): Slab {
    if (bytes > this.frameBytes || this.views > 0) return slabOver(new Uint8Array(bytes));
    this.#passing ??= slabOver(this.#allocate(this.frameBytes));
    return this.#passing;
  }

  slabOf(frame: number): Slab {
    return frame > 0 ? this.slabs[(frame - 1) >> this.slabBits]! : this.#large.slabOf(frame);
  }

  baseOf(frame: number): number {
    return frame > 0 ? ((frame - 1) & ((1 << this.slabBits) - 1)) * this.frameBytes : 0;
  }

  /** Whether that number of blocks fits without an eviction. */
  hasRoom(blocks: number): boolean {
    while (this.#free.length < blocks) if (!this.#addSlab()) return false;
    return true;
  }

  /**
   * Whether the next frame is free, and backed by memory. A slab is added before the last one is full:
   * so that it can be backed ahead.
   */
  hasBackedFrame(): boolean {
    if (2 * this.#free.length < 1 << this.slabBits) this.#addSlab();
    const frame = this.#free.at(-1);
    if (frame === undefined) return false;
    const backed = this.#backed[(frame - 1) >> this.slabBits];
    return backed === undefined || this.baseOf(frame) + this.frameBytes <= Atomics.load(backed, 0);
  }

  /**
   * A frame for a block of `bytes`, not entered in any frame table yet; 0 when there is no room for it.
   * The caller fills it and then calls `enter` or `giveBack`.
   */
  take(bytes: number): number {
    this.misses++;
    if (bytes > this.frameBytes) return this.#takeLarge(bytes);
    if (this.#free.length === 0) this.#addSlab();
    const free = this.#free.pop() ?? this.#evict();
    if (free !== 0) this.#framesUsed++;
    return free;
  }

  enter(frame: number, frameTable: FrameTable, number: number): void {
    frameTable[number] = frame;
    if (frame < 0) {
      this.#large.enter(frame, frameTable, number);
      return;
    }
    this.#frameTables[frame] = frameTable;
    this.#numbers[frame] = number;
    this.referenced[frame] = 1;
  }

  /** Takes back a frame that `take` handed out and nothing was entered in. */
  giveBack(frame: number): void {
    if (frame < 0) this.#large.drop(frame);
    else if (frame > 0) this.#vacate(frame);
  }

  pin(frame: number): void {
    if (frame > 0) this.#pins[frame]! += 1;
    assert(frame <= 0 || this.#pins[frame] !== 0, 'a frame has at most 255 holders');
  }

  unpin(frame: number): void {
    if (frame <= 0) return;
    assert(this.#pins[frame] !== 0, 'a frame is unpinned once per pin');
    this.#pins[frame]! -= 1;
    // Its run was removed, and this was the last pin.
    if (this.#pins[frame] === 0 && this.#frameTables[frame] === undefined) this.#vacate(frame);
  }

  /** Removes the blocks from `first` up to `end` of a run. */
  drop(frameTable: FrameTable, first = 0, end = frameTable.length): void {
    for (let number = first; number < end; number++) {
      const frame = frameTable[number]!;
      if (frame < 0) this.#large.drop(frame);
      else if (frame > 0) {
        this.#frameTables[frame] = undefined;
        if (this.#pins[frame] === 0) this.#vacate(frame);
      }
    }
    frameTable.fill(0, first, end);
  }

  /** Drops unpinned slabs until the cache is within its limit; returns the bytes. */
  trim(): number {
    const before = this.memoryBytes;
    const limit = this.#room.limitBytes();
    if (before <= limit || this.views > 0) return 0;
    for (let i = this.slabs.length - 1; i >= 0 && this.#slabBytes > limit; i--) this.#dropSlab(i);
    this.#large.shrink(Math.max(0, limit - this.#slabBytes));
    return before - this.memoryBytes;
  }

  /**
   * Lends memory for what is no block and is to stay within the limit all the same: blocks that lie
   * there are evicted. `undefined` when there is no place for it right now, or it is too large.
   */
  lend(bytes: number): Lease | undefined {
    const count = Math.ceil(bytes / this.frameBytes);
    if (count === 0 || count > 1 << this.slabBits || this.views > 0) return undefined;
    const lentMax = LENT_SHARE * this.#room.limitBytes();
    if (this.lentBytes + count * this.frameBytes > lentMax) return undefined;
    this.hasRoom(count);
    const first = this.#placeFor(count, true) || this.#placeFor(count, false);
    if (first === 0) return undefined;
    const inside = (frame: number) => frame >= first && frame < first + count;
    const free = this.#free.filter((frame) => !inside(frame));
    this.#framesUsed += this.#free.length - free.length;
    this.#free = free;
    for (let frame = first; frame < first + count; frame++) {
      const frameTable = this.#frameTables[frame];
      if (frameTable !== undefined) frameTable[this.#numbers[frame]!] = 0;
      this.#frameTables[frame] = undefined;
      this.#pins[frame] = 1;
    }
    this.lentBytes += count * this.frameBytes;
    this.leases++;
    const base = this.baseOf(first);
    const lent = this.slabOf(first).bytes.subarray(base, base + bytes);
    return { bytes: lent, first, count };
  }

  /** Ends a lease; its memory must not be used any more. */
  takeBack({ first, count }: Lease): void {
    for (let frame = first; frame < first + count; frame++) this.unpin(frame);
    this.lentBytes -= count * this.frameBytes;
    this.leases--;
  }

  /**
   * The first of `count` frames side by side in one slab that nobody holds, and no block lies in if
   * they are to be `empty`; 0 when there are none.
   */
  #placeFor(count: number, empty: boolean): number {
    for (let i = this.slabs.length - 1; i >= 0; i--) {
      let found = 0;
      for (let frame = this.#endOf(i) - 1; frame >= this.#firstOf(i); frame--) {
        found = this.#pins[frame] === 0 ? found + 1 : 0;
        if (empty && this.#frameTables[frame] !== undefined) found = 0;
        if (found === count) return frame;
      }
    }
    return 0;
  }

  #firstOf(slab: number): number {
    return (slab << this.slabBits) + 1;
  }

  /** Behind the last frame of a slab; of none, when it was dropped. */
  #endOf(slab: number): number {
    return this.#firstOf(slab) + Math.floor(this.slabs[slab]!.bytes.length / this.frameBytes);
  }

  /** Adds a slab, in the place of one that was dropped if there is such; answers whether it did. */
  #addSlab(): boolean {
    if (this.#askAgain-- > 0) return false;
    this.#askAgain = ASK_AGAIN;
    const dropped = this.slabs.indexOf(NO_SLAB);
    const slab = dropped < 0 ? this.slabs.length : dropped;
    const whole = 1 << this.slabBits;
    const limit = this.#room.limitBytes();
    const room = Math.floor((limit * (1 - LARGE_SHARE) - this.#slabBytes) / this.frameBytes);
    const frames = Math.min(whole, room, this.#framesMax + 1 - this.#firstOf(slab));
    if (frames < 1 || (this.#slabBytes > 0 && 2 * frames < whole)) return false;
    if (!this.#limitLarge(limit - this.#slabBytes - frames * this.frameBytes)) return false;
    this.#askAgain = 0;
    this.slabs[slab] = slabOver(this.#allocate(frames * this.frameBytes));
    this.#slabBytes += frames * this.frameBytes;
    this.#widen(this.#endOf(slab));
    // Append in order: V8 turns an array into a hash table when it is first written far past its end.
    while (this.#frameTables.length < this.#endOf(slab)) this.#frameTables.push(undefined);
    for (let frame = this.#endOf(slab) - 1; frame >= this.#firstOf(slab); frame--) {
      this.#frameTables[frame] = undefined;
      this.#free.push(frame);
    }
    this.#backed[slab] = this.#room.grown?.(this.slabs[slab]!.bytes);
    return true;
  }

  #dropSlab(slab: number): void {
    const first = this.#firstOf(slab);
    const end = this.#endOf(slab);
    for (let frame = first; frame < end; frame++) if (this.#pins[frame] !== 0) return;
    const used = end - first - this.#free.length;
    this.#free = this.#free.filter((frame) => frame < first || frame >= end);
    this.#framesUsed -= used + this.#free.length;
    for (let frame = first; frame < end; frame++) {
      const frameTable = this.#frameTables[frame];
      if (frameTable === undefined) continue;
      frameTable[this.#numbers[frame]!] = 0;
      this.#frameTables[frame] = undefined;
    }
    this.#slabBytes -= (end - first) * this.frameBytes;
    this.slabs[slab] = NO_SLAB;
  }

  /** Reserves the per-frame arrays; untouched memory costs nothing. */
  #widen(frames: number): void {
    if (frames <= this.#numbers.length) return;
    const capacity = Math.min(this.#framesMax + 1, Math.max(frames, 2 * this.#numbers.length));
    const { referenced } = this;
    const numbers = this.#numbers;
    const pins = this.#pins;
    this.#numbers = new Uint32Array(capacity);
    this.#numbers.set(numbers);
    this.#pins = new Uint8Array(capacity);
    this.#pins.set(pins);
    this.referenced = new Uint8Array(capacity);
    this.referenced.set(referenced);
  }

  /** Evicts the first frame that was not read recently; 0 if all are pinned. */
  #evict(): number {
    if (this.views > 0) return 0;
    const frames = this.#frameTables.length - 1;
    for (let looked = 0; looked < 2 * frames; looked++) {
      this.#hand = this.#hand >= frames ? 1 : this.#hand + 1;
      const frame = this.#hand;
      const frameTable = this.#frameTables[frame];
      if (frameTable === undefined || this.#pins[frame] !== 0) continue;
      if (this.referenced[frame] === 0) {
        frameTable[this.#numbers[frame]!] = 0;
        this.#frameTables[frame] = undefined;
        this.#framesUsed--;
        return frame;
      }
      this.referenced[frame] = 0;
    }
    return 0;
  }

  #vacate(frame: number): void {
    this.#framesUsed--;
    this.#free.push(frame);
  }

  #takeLarge(bytes: number): number {
    const limit = Math.max(0, this.#room.limitBytes() - this.#slabBytes);
    if (bytes > limit || !this.#limitLarge(limit - bytes)) return 0;
    return this.#large.take(bytes);
  }

  /** Drops the oldest of the large blocks until they take no more than `limit`; false if it may not. */
  #limitLarge(limit: number): boolean {
    if (this.views === 0) this.#large.shrink(limit);
    return this.#large.bytes <= limit;
  }
}

function plainMemory(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}
