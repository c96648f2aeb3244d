/**
 * MemoryBudget: one limit for what all stores of a process hold in memory.
 *
 * Each store says what it holds anyway (log segments, indexes, what merges work in); what is left of
 * the limit is for the block caches. A cache grows chunk by chunk as long as there is room; whatever
 * else needs memory takes it, and the caches drop chunks for it, the next time `balance` is called.
 *
 * Invariants:
 * 1. After `balance`, all stores together hold no more than the limit, unless what they hold without
 *    their caches is more already, or a cache's chunks are in use.
 * 2. No cache has less than its equal share because another grew before it.
 * 3. While memory is short, the limit is what is held less what is short; it rises again when much is
 *    free.
 *
 * A cache of fixed size (`cacheBytes`) is outside the budget; the rest of its store is not.
 */
import type { Timer } from './env/clock.ts';
import { type Memory, RESERVE_SHARE } from './env/memory.ts';

/** Shares of the process's memory limit, and of the free memory when the first store opens. */
const LIMIT_SHARE = 1 / 4;
const FREE_SHARE = 1 / 2;
const USUAL_MIN_BYTES = 8 * 2 ** 20;
/** Point indexes are held while all memory besides caches stays within this share. */
const INDEX_SHARE = 3 / 4;
/** Free reserves needed before caches that were shrunk may grow again. */
const PLENTY = 4;
/** Smallest amount that a cache gives back when memory is short. */
const RELIEF_SHARE = 1 / 8;

/** The memory of one store. */
export interface MemoryUser {
  /** The store's `memoryBytes` option, if set. */
  readonly memoryBytes: number | undefined;
  /** Bytes besides the cache. */
  fixedBytes(): number;
  /** Bytes of its cache that indexes lie in, if that is in the budget. */
  lentBytes(): number;
  /** Bytes of its cache, if that is in the budget. */
  cacheBytes(): number;
  /** Drops chunks until the cache is within its limit; answers the bytes. */
  trimCache(): number;
}

export class MemoryBudget {
  static readonly #budgets = new WeakMap<Memory, MemoryBudget>();
  readonly #memory: Memory;
  #users: readonly MemoryUser[] = [];
  #usualBytes = 0;
  #shortLimitBytes = Number.POSITIVE_INFINITY;
  #watch: Timer | undefined;

  /** The budget of all stores that live in `memory`. */
  static of(memory: Memory): MemoryBudget {
    const budget = MemoryBudget.#budgets.get(memory) ?? new MemoryBudget(memory);
    MemoryBudget.#budgets.set(memory, budget);
    return budget;
  }

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The largest that a store asked for; what is usual here when none did. */
  limitBytes(asked?: number): number {
    const all = [asked, ...this.#users.map(({ memoryBytes }) => memoryBytes)];
    const told = all.filter((bytes) => bytes !== undefined);
    const limit = told.length > 0 ? Math.max(...told) : this.#usual();
    return Math.min(limit, this.#shortLimitBytes);
  }

  join(user: MemoryUser): void {
    if (this.#users.length === 0) this.#usualBytes = this.#usual();
    this.#users = [...this.#users, user];
    this.#watch ??= this.#memory.watch((shortBytes) => this.#relieve(shortBytes));
  }

  leave(user: MemoryUser): void {
    this.#users = this.#users.filter((other) => other !== user);
    if (this.#users.length > 0) return;
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#shortLimitBytes = Number.POSITIVE_INFINITY;
  }

  /** What `user`'s cache may take now. */
  cacheLimit(user: MemoryUser): number {
    const limit = this.#growingLimit();
    const others = this.#users.filter((other) => other !== user);
    const fixed = this.#fixedBytes();
    const rest = limit - fixed - sum(others, (other) => other.cacheBytes());
    const share = (limit - fixed) / Math.max(1, this.#users.length);
    const free = this.#memory.availableBytes() - this.#reserveBytes;
    const mayTake = user.cacheBytes() + Math.max(0, free);
    return Math.max(0, Math.min(Math.max(rest, share), mayTake));
  }

  /** Whether an index of `bytes` may be held. Memory that caches have lent cannot be reclaimed. */
  mayHold(bytes: number): boolean {
    const lent = sum(this.#users, (user) => user.lentBytes());
    return this.#fixedBytes() + lent + bytes <= INDEX_SHARE * this.limitBytes();
  }

  /** Makes the caches drop what exceeds the limit. */
  balance(): void {
    let dropped = 0;
    for (const user of this.#users) dropped += user.trimCache();
    if (dropped > 0) this.#memory.released();
  }

  #fixedBytes(): number {
    return sum(this.#users, (user) => user.fixedBytes());
  }

  get #reserveBytes(): number {
    return RESERVE_SHARE * this.#memory.limitBytes();
  }

  #usual(): number {
    if (this.#usualBytes > 0 && this.#users.length > 0) return this.#usualBytes;
    const most = LIMIT_SHARE * this.#memory.limitBytes();
    const free = FREE_SHARE * this.#memory.availableBytes();
    return Math.max(USUAL_MIN_BYTES, Math.floor(Math.min(most, free)));
  }

  #growingLimit(): number {
    const plenty = this.#memory.availableBytes() > PLENTY * this.#reserveBytes;
    if (plenty) this.#shortLimitBytes = Number.POSITIVE_INFINITY;
    return this.limitBytes();
  }

  #relieve(shortBytes: number): void {
    const cached = sum(this.#users, (user) => user.cacheBytes());
    const relief = Math.max(shortBytes, RELIEF_SHARE * cached);
    const held = Math.min(this.limitBytes(), this.#fixedBytes() + cached);
    this.#shortLimitBytes = Math.max(0, held - relief);
    this.balance();
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
