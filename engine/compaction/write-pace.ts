/**
 * WritePace: many short waits of writers in the place of one long one. Where writers fill segments faster
 * than flushes empty them, each would otherwise wait for a whole flush when memory is full.
 *
 * When the segments that wait for a flush leave room for no more than the active one, that is filled
 * no faster than the oldest of them is expected to be flushed: in the time that the last flush took. A
 * flush that is quicker ends the pace at once, so throughput is that
 * of the flushes either way.
 *
 * Cost: one comparison for a commit where there is no pace, one reading of the clock where there is.
 * Idea: RocksDB's delayed write rate.
 */
import type { Clock } from '../env/clock.ts';
import type { LogSegment } from '../wal/segment.ts';

/** A shorter wait for a flush is not divided. */
const WAITED_MIN_MS = 200;
/** Flush times vary: the pace allows for a flush that takes this multiple of the last one. */
const MARGIN = 1.25;
/** Tolerance of the pace, because timers are not exact. */
const LEAD_MS = 10;
/** A waiting writer checks again after this time. */
const WAIT_MAX_MS = 50;

export interface PaceParts {
  readonly clock: Clock;
  readonly segmentBytes: number;
  readonly maxUnflushedBytes: number;
  readonly log: { readonly active: LogSegment };
  readonly tree: { readonly sealed: readonly LogSegment[] };
}

export class WritePace {
  readonly #parts: PaceParts;
  /** Segments that may wait for a flush while the active one and the next take their room. */
  readonly #sealedMax: number;
  /** When the flush that is running, or the next one, is expected to end. */
  #flushEndsMs = 0;
  /** Bytes of the active segment that may be used for each millisecond; 0 without a pace. */
  #bytesPerMs = 0;
  #beganMs = 0;
  #usedAtBegin = 0;

  constructor(parts: PaceParts) {
    this.#parts = parts;
    this.#sealedMax = Math.floor(parts.maxUnflushedBytes / parts.segmentBytes) - 2;
  }

  /** Whether a commit may be encoded now. */
  get allows(): boolean {
    return this.#bytesPerMs === 0 || this.#earlyMs() <= LEAD_MS;
  }

  /** States in how many milliseconds the next flush is expected to end. */
  expectFlush(inMs: number): void {
    this.#flushEndsMs = this.#parts.clock.monotonicMs() + MARGIN * inMs;
    this.set();
  }

  /** Called when a segment was sealed. */
  set(): void {
    this.#bytesPerMs = 0;
    const { clock, log, tree } = this.#parts;
    const waiting = tree.sealed.length;
    if (waiting === 0 || waiting < this.#sealedMax) return;
    const now = clock.monotonicMs();
    const leftMs = this.#flushEndsMs - now;
    const { active } = log;
    // Puts take the second half only once the next segment is there: see `Successor`.
    const usable = waiting > this.#sealedMax ? active.size / 2 : active.size;
    const leftBytes = usable - active.usedBytes;
    if (leftMs < WAITED_MIN_MS || leftBytes <= 0) return;
    this.#bytesPerMs = leftBytes / leftMs;
    this.#beganMs = now;
    this.#usedAtBegin = active.usedBytes;
  }

  /** Resolves when the next commit may be encoded, or a little earlier. Never rejects. */
  async wait(): Promise<void> {
    const { clock } = this.#parts;
    const before = clock.monotonicMs();
    try {
      await clock.rest(Math.min(WAIT_MAX_MS, this.#earlyMs()), true);
    } catch {
      // The time has not passed: see below.
    }
    // Where no time passes there is no pace, and writers wait for whole flushes.
    if (clock.monotonicMs() === before) this.#bytesPerMs = 0;
  }

  /** How much before its time a commit would be. */
  #earlyMs(): number {
    const { clock, log } = this.#parts;
    const used = log.active.usedBytes - this.#usedAtBegin;
    return used / this.#bytesPerMs - (clock.monotonicMs() - this.#beganMs);
  }
}
