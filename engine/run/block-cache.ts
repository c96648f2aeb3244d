/**
 * BlockCache: blocks of all runs in memory, bounded in bytes, evicted by CLOCK (second chance).
 *
 * Memory comes in slabs, each cut into frames of one block; a run keeps a shelf that says which
 * frame holds which of its blocks, so that a hit costs two array reads and makes no object. The few
 * blocks longer than a frame (one large record) have memory of their own, evicted oldest first.
 *
 * Invariants:
 * 1. A block is entered on its shelf only after its checksum matched, so a hit needs no check.
 * 2. A pinned frame is not evicted. Whoever holds a place across a turn has pinned it; whoever looks
 *    at a value within a turn has counted itself in `views`.
 * 3. A frame that is lent is pinned, and on no shelf.
 */
import { assert } from '../errors.ts';

/** Memory that holds blocks. */
export interface Slab {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
}

/** The frames of one run's blocks, by block number: 0 where a block is not here. */
export type BlockShelf = Int32Array;

/** Allocates memory that the disk's direct reads can fill. */
export type Allocate = (bytes: number) => Uint8Array;

/** Frames side by side, lent out in one piece. */
export interface Loan {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly count: number;
}

const SLAB_BYTES_MAX = 64 * 2 ** 20;
const SLABS_AIMED = 64;
const READ_AHEAD_BYTES = 512 * 1024;
/** All loans take no more than this share of the limit. Each lies in one slab. */
const LENT_SHARE = 1 / 2;
/** The share of the limit that only blocks longer than a frame may use. */
const LARGE_SHARE = 1 / 64;

interface LargeBlock {
  readonly slab: Slab;
  readonly shelf: BlockShelf;
  readonly number: number;
}

export class BlockCache {
  readonly frameBytes: number;
  readonly slabs: Slab[] = [];
  readonly slabBits: number;
  readonly #limitBytes: number;
  readonly #framesMax: number;
  readonly #allocate: Allocate;
  readonly #shelves: (BlockShelf | undefined)[] = [undefined];
  #numbers = new Uint32Array(1);
  #pins = new Uint8Array(1);
  #free: number[] = [];
  readonly #large = new Map<number, LargeBlock>();
  /** 1 for frames that were read since the hand passed. Readers set it. */
  referenced = new Uint8Array(1);
  #staging: Uint8Array | undefined;
  #nextLarge = -1;
  #hand = 0;
  #framesUsed = 0;
  /** What blocks longer than a frame take. */
  largeBytes = 0;
  /** Of the memory that frames take, what is lent out. */
  lentBytes = 0;
  hits = 0;
  misses = 0;
  /** While somebody looks at values in place, nothing is evicted. */
  views = 0;

  constructor(limitBytes: number, frameBytes: number, allocate: Allocate = plainMemory) {
    this.frameBytes = frameBytes;
    this.#limitBytes = limitBytes;
    this.#allocate = allocate;
    this.#framesMax = Math.floor((limitBytes * (1 - LARGE_SHARE)) / frameBytes);
    const slabBytes = Math.min(SLAB_BYTES_MAX, Math.max(frameBytes, limitBytes / SLABS_AIMED));
    this.slabBits = Math.floor(Math.log2(slabBytes / frameBytes));
  }

  get usedBytes(): number {
    return this.#framesUsed * this.frameBytes + this.largeBytes;
  }

  /** Where blocks that are read ahead arrive; no longer than a part of the cache. */
  staging(): Uint8Array {
    const frames = Math.min(READ_AHEAD_BYTES / this.frameBytes, this.#framesMax / 8);
    this.#staging ??= this.#allocate(Math.floor(frames) * this.frameBytes);
    return this.#staging;
  }

  get slabBytes(): number {
    return this.frameBytes << this.slabBits;
  }

  slabOf(frame: number): Slab {
    return frame > 0 ? this.slabs[(frame - 1) >> this.slabBits]! : this.#large.get(frame)!.slab;
  }

  baseOf(frame: number): number {
    return frame > 0 ? ((frame - 1) & ((1 << this.slabBits) - 1)) * this.frameBytes : 0;
  }

  /**
   * A frame for a block of `bytes`, not entered on any shelf yet; 0 when there is no room for it.
   * The caller fills it and then calls `enter` or `giveBack`.
   */
  take(bytes: number): number {
    this.misses++;
    if (bytes > this.frameBytes) return this.#takeLarge(bytes);
    const free = this.#free.pop() ?? this.#grow() ?? this.#evict();
    if (free !== 0) this.#framesUsed++;
    return free;
  }

  enter(frame: number, shelf: BlockShelf, number: number): void {
    shelf[number] = frame;
    if (frame < 0) {
      this.#large.set(frame, { ...this.#large.get(frame)!, shelf, number });
      return;
    }
    this.#shelves[frame] = shelf;
    this.#numbers[frame] = number;
    this.referenced[frame] = 1;
  }

  /** Takes back a frame that `take` handed out and nothing was entered in. */
  giveBack(frame: number): void {
    if (frame < 0) this.#dropLarge(frame);
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
    // Its run is gone already, and the holder was the last to need it.
    if (this.#pins[frame] === 0 && this.#shelves[frame] === undefined) this.#vacate(frame);
  }

  /** Forgets the blocks from `first` up to `end` of a run: nobody will read them there any more. */
  drop(shelf: BlockShelf, first = 0, end = shelf.length): void {
    for (let number = first; number < end; number++) {
      const frame = shelf[number]!;
      if (frame < 0) this.#dropLarge(frame);
      else if (frame > 0) {
        this.#shelves[frame] = undefined;
        if (this.#pins[frame] === 0) this.#vacate(frame);
      }
    }
    shelf.fill(0, first, end);
  }

  /**
   * Lends memory for what is no block and is to stay within the limit all the same: blocks that lie
   * there are let go of. `undefined` when there is no place for it right now, or it is too large.
   */
  lend(bytes: number): Loan | undefined {
    const count = Math.ceil(bytes / this.frameBytes);
    const lentMax = LENT_SHARE * this.#limitBytes;
    if (count === 0 || count > 1 << this.slabBits || this.views > 0) return undefined;
    if (this.lentBytes + count * this.frameBytes > lentMax) return undefined;
    for (let fresh = 0; fresh < count; fresh++) {
      const frame = this.#grow();
      if (frame === undefined) break;
      this.#free.push(frame);
    }
    const first = this.#placeFor(count);
    if (first === 0) return undefined;
    const inside = (frame: number) => frame >= first && frame < first + count;
    const free = this.#free.filter((frame) => !inside(frame));
    this.#framesUsed += this.#free.length - free.length;
    this.#free = free;
    for (let frame = first; frame < first + count; frame++) {
      const shelf = this.#shelves[frame];
      if (shelf !== undefined) shelf[this.#numbers[frame]!] = 0;
      this.#shelves[frame] = undefined;
      this.#pins[frame] = 1;
    }
    this.lentBytes += count * this.frameBytes;
    const base = this.baseOf(first);
    const lent = this.slabOf(first).bytes.subarray(base, base + bytes);
    return { bytes: lent, first, count };
  }

  /** Takes back what was lent; nobody may look at it any more. */
  takeBack({ first, count }: Loan): void {
    for (let frame = first; frame < first + count; frame++) this.unpin(frame);
    this.lentBytes -= count * this.frameBytes;
  }

  /** The first of `count` frames side by side in one slab that nobody holds; 0 when there are none. */
  #placeFor(count: number): number {
    const slabFrames = 1 << this.slabBits;
    let found = 0;
    for (let frame = this.#shelves.length - 1; frame > 0; frame--) {
      found = this.#pins[frame] === 0 ? found + 1 : 0;
      if (found === count) return frame;
      if ((frame - 1) % slabFrames === 0) found = 0;
    }
    return 0;
  }

  /** The next frame that was never used. */
  #grow(): number | undefined {
    const frame = this.#shelves.length;
    if (frame > this.#framesMax) return undefined;
    if ((frame - 1) >> this.slabBits === this.slabs.length) {
      if (!this.#limitLarge(this.#largeMax(this.slabs.length + 1))) return undefined;
      const frames = Math.min(1 << this.slabBits, this.#framesMax + 1 - frame);
      this.slabs.push(slabOver(this.#allocate(frames * this.frameBytes)));
      this.#widen(frame + frames);
    }
    this.#shelves.push(undefined);
    return frame;
  }

  /** Room for what is noted of each frame: it costs nothing before there are frames. */
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

  /** Vacates the first frame that was not read lately; 0 when all are pinned. */
  #evict(): number {
    if (this.views > 0) return 0;
    const frames = this.#shelves.length - 1;
    for (let looked = 0; looked < 2 * frames; looked++) {
      this.#hand = this.#hand >= frames ? 1 : this.#hand + 1;
      const frame = this.#hand;
      const shelf = this.#shelves[frame];
      if (shelf === undefined || this.#pins[frame] !== 0) continue;
      if (this.referenced[frame] === 0) {
        shelf[this.#numbers[frame]!] = 0;
        this.#shelves[frame] = undefined;
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
    const limit = this.#largeMax(this.slabs.length);
    if (bytes > limit || !this.#limitLarge(limit - bytes)) return 0;
    const frame = this.#nextLarge--;
    const slab = slabOver(new Uint8Array(bytes));
    this.#large.set(frame, { slab, shelf: NO_SHELF, number: 0 });
    this.largeBytes += bytes;
    return frame;
  }

  /** What large blocks may take beside so many slabs. */
  #largeMax(slabs: number): number {
    return Math.max(0, this.#limitBytes - slabs * this.slabBytes);
  }

  /** Drops the oldest of the large blocks until they take no more than `limit`; false if it may not. */
  #limitLarge(limit: number): boolean {
    if (this.views > 0) return this.largeBytes <= limit;
    for (const [oldest, { shelf, number }] of this.#large) {
      if (this.largeBytes <= limit) break;
      shelf[number] = 0;
      this.#dropLarge(oldest);
    }
    return true;
  }

  #dropLarge(frame: number): void {
    this.largeBytes -= this.#large.get(frame)!.slab.bytes.length;
    this.#large.delete(frame);
  }
}

const NO_SHELF: BlockShelf = new Int32Array(1);

function plainMemory(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}

/** Requires: bytes that begin at a multiple of 4. */
export function slabOver(bytes: Uint8Array): Slab {
  return {
    bytes,
    words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2),
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  };
}
