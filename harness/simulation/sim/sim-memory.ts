/**
 * SimMemory: memory of a size, and with a free part, that the run sets. Allocations of simulated stores are not
 * deducted: stores are judged by what they report to hold.
 */
import type { Memory } from '../../../engine/env/memory.ts';

const LIMIT_BYTES = 2 ** 30;

export class SimMemory implements Memory {
  #watchers: ((shortBytes: number) => void)[] = [];
  readonly #limit: number;
  /** Free bytes. */
  available: number;

  constructor(limitBytes = LIMIT_BYTES) {
    this.#limit = limitBytes;
    this.available = limitBytes;
  }

  limitBytes(): number {
    return this.#limit;
  }

  availableBytes(): number {
    return this.available;
  }

  watch(relieve: (shortBytes: number) => void) {
    this.#watchers.push(relieve);
    return {
      cancel: () => {
        this.#watchers = this.#watchers.filter((other) => other !== relieve);
      },
    };
  }

  backAhead(): undefined {}

  released(): void {
    // Nobody waits for it.
  }

  /** Memory is short by `shortBytes`: caches have to give it back. */
  press(shortBytes: number): void {
    for (const relieve of this.#watchers) relieve(shortBytes);
  }
}
