/**
 * Handover: gradual switch of reads from merge inputs to their output, so that reads never meet a cold
 * cache. After a merge the cache holds blocks of the inputs and none of the output. Each step loads
 * the next output blocks, evicts the input blocks they replace, and moves a key boundary forward: keys
 * below it are read from the output.
 *
 * Invariants:
 * 1. Inputs and output answer every read alike, so the boundary affects speed only.
 * 2. An output block is loaded only if at least half of the input blocks it replaces were cached.
 *    Without inputs (a flush) every block is loaded: its records were in memory until now.
 *
 * Idea: Cassandra's early opening of compaction results (CASSANDRA-6916).
 */
import type { Clock } from '../env/clock.ts';
import { compareBytes } from '../format/bytes.ts';
import type { Lookup } from './lookup.ts';
import type { Cursor, CursorRange } from './record.ts';
import type { RunMeta } from './run-format.ts';
import type { RunReader } from './run-reader.ts';
import type { TreeRun } from './tree-run.ts';

/** Bytes loaded per step, about 0.1 ms of work: the longest that a read waits for it. */
const STEP_BYTES = 64 * 1024;
/** Step size multiplier while a caller waits for the end. */
const AWAITED_STEP_FACTOR = 8;
/** Largest share of the cache that one step loads. */
const STEP_SHARE = 1 / 1024;
/** Pause after a step: this multiple of its duration, and at least `PAUSE_MIN_MS`. */
const PAUSE_FACTOR = 8;
const PAUSE_MIN_MS = 1;

export interface HandoverSizes {
  readonly cacheBytes: number;
  readonly blockBytes: number;
}

export class Handover implements TreeRun {
  readonly output: RunReader;
  /** Newest first. */
  readonly #inputs: readonly RunReader[];
  /** For each input, the block up to which its blocks were evicted. */
  readonly #passed: number[];
  readonly #blockBytes: number;
  readonly #stepBlocks: number;
  #next = 0;
  /** The output's first key that is not its own yet. */
  #boundary: Uint8Array = new Uint8Array(0);
  #isCut = false;
  #whenCut: (() => void) | undefined;
  readonly #cutOff = new Promise<void>((resolve) => {
    this.#whenCut = resolve;
  });
  readonly #isAwaited: boolean;

  /** `inputs`: oldest first. `awaited`: a caller waits for the end. */
  constructor(
    output: RunReader,
    inputs: readonly RunReader[],
    { cacheBytes, blockBytes }: HandoverSizes,
    awaited = false,
  ) {
    this.output = output;
    this.#inputs = [...inputs].reverse();
    this.#isAwaited = awaited;
    this.#passed = inputs.map(() => 0);
    this.#blockBytes = blockBytes;
    const stepBytes =
      Math.min(STEP_BYTES, STEP_SHARE * cacheBytes) * (awaited ? AWAITED_STEP_FACTOR : 1);
    this.#stepBlocks = Math.max(1, Math.floor(stepBytes / blockBytes));
  }

  get meta(): RunMeta {
    return this.output.meta;
  }

  /** Whether the cache holds at least half of the inputs. Reads nothing. */
  get isWorthwhile(): boolean {
    let bytes = 0;
    let cached = 0;
    for (const input of this.#inputs) {
      bytes += input.meta.bytes;
      cached += this.#blockBytes * input.cachedWithin();
    }
    return 2 * cached >= bytes;
  }

  get indexBytes(): number {
    return this.#inputs.reduce((sum, input) => sum + input.indexBytes, this.output.indexBytes);
  }

  get longestProbe(): number {
    return this.output.longestProbe;
  }

  get failedProbes(): number {
    return this.output.failedProbes;
  }

  /**
   * Steps until the boundary passes the last key, `goOn` answers false or `cut` is called. Never
   * rejects: a later read of the same block reports the error.
   */
  async run(clock: Clock, goOn: () => boolean): Promise<void> {
    while (!this.#isCut && goOn()) {
      const began = clock.monotonicMs();
      if (!this.#goesOn()) return;
      const tookMs = this.#isAwaited ? 0 : clock.monotonicMs() - began;
      const restMs = Math.max(PAUSE_MIN_MS, PAUSE_FACTOR * tookMs);
      await Promise.race([clock.rest(restMs, this.#isAwaited), this.#cutOff]);
    }
  }

  cut(): void {
    this.#isCut = true;
    this.#whenCut?.();
  }

  find(lookup: Lookup): boolean {
    if (this.#isPassed(lookup.key)) return this.output.find(lookup);
    return this.#inputs.some((run) => run.meta.minLsn <= lookup.atLsn && run.find(lookup));
  }

  touch(lookup: Lookup): number {
    if (this.#isPassed(lookup.key)) return this.output.touch(lookup);
    let touched = 0;
    for (const run of this.#inputs) touched ^= run.touch(lookup);
    return touched;
  }

  touchRecord(lookup: Lookup): boolean {
    if (this.#isPassed(lookup.key)) return this.output.touchRecord(lookup);
    return this.#inputs.some((run) => run.touchRecord(lookup));
  }

  openCursors(range: CursorRange, cursors: Cursor[]): void {
    const start = range.reverse ? range.to : range.from;
    const isPassed = start !== undefined && this.#isPassed(start);
    for (const run of isPassed ? [this.output] : this.#inputs) run.openCursors(range, cursors);
  }

  close(): void {
    for (const run of [this.output, ...this.#inputs]) run.close();
  }

  #isPassed(key: Uint8Array): boolean {
    return compareBytes(key, this.#boundary) < 0;
  }

  #goesOn(): boolean {
    try {
      return this.#step();
    } catch {
      return false; // a read of those blocks reports the error itself
    }
  }

  /** Hands over the next blocks; answers whether there are more. */
  #step(): boolean {
    const { output } = this;
    const end = Math.min(output.blocks, this.#next + this.#stepBlocks);
    const isLast = end === output.blocks;
    const boundary = isLast ? undefined : output.firstKey(end);
    let blocks = 0;
    let cached = 0;
    for (const [i, input] of this.#inputs.entries()) {
      const from = this.#passed[i]!;
      const to = boundary === undefined ? input.blocks : input.blockBefore(boundary);
      blocks += to - from;
      cached += input.cachedWithin(from, to);
      input.evictUnpinned(from, to);
      this.#passed[i] = to;
    }
    if (2 * cached >= blocks) output.warm(this.#next, end);
    this.#next = end;
    if (boundary !== undefined) this.#boundary = boundary;
    return !isLast;
  }
}
