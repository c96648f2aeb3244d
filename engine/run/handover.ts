/**
 * Handover: from the runs that were merged to the one that came of them, without a cold cache in
 * between. The cache is full of the inputs' blocks and has none of the output's, so the switch is
 * made by and by, in key order: some blocks of the output are brought in, the inputs' blocks up to
 * there are let go of, and keys below that boundary are read from the output from now on.
 *
 * Both sides answer every read alike, so the boundary is a matter of speed only. What was not in the
 * cache of the inputs is not brought in from the output. Without inputs everything is: the records
 * were in memory until now.
 *
 * Source of the idea: Cassandra's early opening of compaction results (CASSANDRA-6916).
 */
import type { Clock } from '../env/clock.ts';
import { compareBytes } from '../format/bytes.ts';
import type { Lookup } from './lookup.ts';
import type { Cursor, CursorRange } from './record.ts';
import type { RunMeta } from './run-format.ts';
import type { RunReader } from './run-reader.ts';
import type { TreeRun } from './tree-run.ts';

/** Brought in at once, about a tenth of a millisecond's work; reads wait for no more. */
const STEP_BYTES = 64 * 1024;
/** So much longer steps while somebody waits for the end. */
const HASTE = 8;
/** No step brings in more than this share of the cache. */
const STEP_SHARE = 1 / 1024;
/** A step is followed by a rest so many times as long, and this at least. */
const REST = 8;
const REST_MIN_MS = 1;

export interface HandoverSizes {
  readonly cacheBytes: number;
  readonly blockBytes: number;
}

export class Handover implements TreeRun {
  readonly output: RunReader;
  /** Newest first. */
  readonly #inputs: readonly RunReader[];
  /** Up to which block the inputs were let go of. */
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

  /** `inputs`: oldest first. `awaited`: somebody waits for the end of it. */
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
    const stepBytes = Math.min(STEP_BYTES, STEP_SHARE * cacheBytes) * (awaited ? HASTE : 1);
    this.#stepBlocks = Math.max(1, Math.floor(stepBytes / blockBytes));
  }

  get meta(): RunMeta {
    return this.output.meta;
  }

  /** Whether the cache holds enough of the inputs to begin with. Reads nothing. */
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
   * Steps until all is handed over, `goOn` says no or `cut` is called. Never rejects: what cannot be
   * read now is met by whoever asks for it.
   */
  async run(clock: Clock, goOn: () => boolean): Promise<void> {
    while (!this.#isCut && goOn()) {
      const began = clock.monotonicMs();
      if (!this.#goesOn()) return;
      const tookMs = this.#isAwaited ? 0 : clock.monotonicMs() - began;
      const restMs = Math.max(REST_MIN_MS, REST * tookMs);
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
      input.cool(from, to);
      this.#passed[i] = to;
    }
    if (2 * cached >= blocks) output.warm(this.#next, end);
    this.#next = end;
    if (boundary !== undefined) this.#boundary = boundary;
    return !isLast;
  }
}
