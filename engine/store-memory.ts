/**
 * StoreMemory: the memory that one store holds, as the budget of its process counts it, and how much of it
 * the block cache may use.
 */
import type { Memory } from './env/memory.ts';
import { MemoryBudget, type MemoryUser } from './memory-budget.ts';
import type { Settings } from './options.ts';
import { type Allocate, BlockCache, type CacheRoom } from './run/block-cache.ts';
import type { Tree } from './tree.ts';
import type { Log } from './wal/log.ts';

/** Memory of a store besides cached blocks. */
export interface HeldParts {
  readonly log: Log;
  readonly tree: Tree;
  readonly maintenance: { readonly idleBytes: number; readonly workBytes: number };
}

export class StoreMemory implements MemoryUser {
  readonly memoryBytes: number | undefined;
  readonly cache: BlockCache;
  readonly #budget: MemoryBudget;
  readonly #isFixed: boolean;
  #held: HeldParts | undefined;

  constructor(memory: Memory, settings: Settings, frameBytes: number, allocate: Allocate) {
    const { cacheBytes, memoryBytes } = settings;
    this.#budget = MemoryBudget.of(memory);
    this.memoryBytes = memoryBytes;
    this.#isFixed = cacheBytes !== undefined;
    const room: CacheRoom = {
      mostBytes: this.#budget.limitBytes(memoryBytes),
      limitBytes: () => this.#budget.cacheLimit(this),
      grown: (slab) => {
        this.#budget.balance();
        return this.cache.slabs.length > 1 ? memory.backAhead(slab) : undefined;
      },
    };
    this.cache = new BlockCache(cacheBytes ?? room, frameBytes, allocate);
    this.#budget.join(this);
  }

  /** From now on these are counted, too. */
  hold(parts: HeldParts): void {
    this.#held = parts;
    this.balance();
  }

  /** The store is closed: its memory returns to the budget. */
  release(): void {
    this.#held = undefined;
    this.#budget.leave(this);
  }

  get limitBytes(): number {
    return this.#budget.limitBytes();
  }

  /** Point indexes of runs and memtables. Those that the cache lent memory to are counted here, too. */
  get indexBytes(): number {
    if (this.#held === undefined) return 0;
    const { tree } = this.#held;
    const runs = tree.runs.reduce((sum, run) => sum + run.indexBytes, 0);
    return this.#segments.reduce((sum, { memtable }) => sum + memtable.indexBytes, runs);
  }

  get #segments() {
    return this.#held === undefined ? [] : [...this.#held.tree.sealed, this.#held.log.active];
  }

  fixedBytes(): number {
    if (this.#held === undefined) return 0;
    const { idleBytes, workBytes } = this.#held.maintenance;
    const segments = this.#segments.reduce((sum, segment) => sum + segment.size, 0);
    return segments + idleBytes + workBytes + this.indexBytes - this.cache.lentBytes;
  }

  /** Of a cache of its own size it is beside the budget. */
  lentBytes(): number {
    return this.#isFixed ? 0 : this.cache.lentBytes;
  }

  cacheBytes(): number {
    return this.#isFixed ? 0 : this.cache.memoryBytes;
  }

  trimCache(): number {
    return this.#isFixed ? 0 : this.cache.trim();
  }

  /** Whether an index of `bytes` may be held. */
  mayHold(bytes: number): boolean {
    return this.#budget.mayHold(bytes);
  }

  /** Called when the store has come to hold more: caches give way. */
  balance(): void {
    this.#budget.balance();
  }
}
