/**
 * Memory: how much memory this process may use, and when it runs short. Stores that share a `Memory` share
 * one budget: see `MemoryBudget`.
 */
import type { Timer } from './clock.ts';

export interface Memory {
  /** Bytes the process may use: those of the machine, or of its container if that has fewer. */
  limitBytes(): number;
  /** Bytes that are free for it now; what the system caches of files counts as free. */
  availableBytes(): number;
  /**
   * Calls `relieve` whenever memory is short, with the bytes that should be given back. What is watched
   * never keeps a process alive.
   */
  watch(relieve: (shortBytes: number) => void): Timer;
  /**
   * Pre-faults `bytes` on another thread, from their beginning, if there is one. The caller may write to
   * them meanwhile. Answers a word that says how many bytes are backed; `undefined` where nobody tells.
   */
  backAhead(bytes: Uint8Array): Int32Array | undefined;
  /** Large memory became unreachable: hints that a garbage collection is worth its cost now. */
  released(): void;
}

/** Share of `limitBytes` that is left free for other processes. */
export const RESERVE_SHARE = 1 / 32;
