/**
 * Maintenance: keeps the active segment writable and the tree small.
 *
 *     active segment full ─► sealed ─► synced ─► flushed to a run ─► file recycled
 *                    runs of a tier ─► merged into one of the next ─► inputs removed
 *
 * Invariants:
 * 1. Segments are flushed oldest first, one at a time, and only after they are synced.
 * 2. Files go in this order: new run synced, its directory entry synced, manifest switched, and
 *    only then the segment recycled or the inputs removed.
 * 3. The safe point that the manifest states is one that its runs reach: a crash may take commits
 *    above them, and with them the snapshots that the safe point was drawn from.
 * 4. Segments in memory stay within `maxUnflushedBytes`; writers wait for a flush beyond it.
 *
 * Flushing and merging go on side by side: a flush only appends to the list of runs, a merge only
 * replaces neighbours in it. When merging falls behind, flushes are spaced out, and with them the
 * writers. `WritePace` turns one wait for a whole flush into many short ones.
 */
import { assert, StoreError } from '../errors.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import { Handover } from '../run/handover.ts';
import type { RunMeta } from '../run/run-format.ts';
import type { RunReader } from '../run/run-reader.ts';
import { frameBytes, SEGMENT_HEADER_BYTES } from '../wal/log-format.ts';
import type { LogSegment } from '../wal/segment.ts';
import { Merging } from './merging.ts';
import type { MaintenanceParts } from './parts.ts';
import { RunOutputs } from './run-outputs.ts';
import { Successor } from './successor.ts';
import type { FlushTask, Task } from './task.ts';
import { TouchAhead } from './touch-ahead.ts';
import { KEPT_MAX_BYTES } from './work-memory.ts';
import { WritePace } from './write-pace.ts';

const SPACE_MAX_MS = 2000;
/** Smaller segments make small runs, and those small merges. */
const RESERVE_MIN_BYTES = 32 * 1024 * 1024;
/** Flushing that takes less than this share of the time leaves time for merging. */
const LEISURE_SHARE = 1 / 8;

export class Maintenance {
  readonly #parts: MaintenanceParts;
  readonly #successor: Successor;
  #flushing: Promise<void> | undefined;
  readonly #merging: Merging;
  readonly #outputs: RunOutputs;
  readonly #touchAhead: TouchAhead;
  readonly #pace: WritePace;
  #flushFailure: unknown;
  #closing = false;
  #closed = false;
  /** Called after the next flush. */
  #whenFlushed: (() => void)[] = [];
  #warming: Handover | undefined;
  #hasReserved = false;
  /** When the last flush began, and how long it took. */
  #lastFlushMs: number;
  #flushMs = 0;
  flushes = 0;
  flushedBytes = 0;
  /** How often writers had to wait for room, and how long in all. */
  stalls = 0;
  stallMs = 0;
  longestStallMs = 0;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.#lastFlushMs = parts.env.clock.monotonicMs();
    this.#outputs = new RunOutputs(parts);
    this.#merging = new Merging(parts, this.#outputs);
    this.#successor = new Successor(parts, this.#outputs, () => this.#roomInMemory());
    this.#touchAhead = new TouchAhead(parts.env.background);
    const { env, settings, log, tree } = parts;
    this.#pace = new WritePace({ clock: env.clock, ...settings, log, tree });
  }

  /** The error that stopped flushing or merging, if any. After a full disk it is retried. */
  get failure(): unknown {
    return this.#flushFailure ?? this.#merging.failure;
  }

  get compactions(): number {
    return this.#merging.merges;
  }

  get compactedBytes(): number {
    return this.#merging.mergedBytes;
  }

  /** Memory of segments that hold no commits yet, or no longer. */
  get idleBytes(): number {
    return (this.#successor.next?.size ?? 0) + this.#parts.pool.memoryBytes;
  }

  /** What one commit may take, encoded. An empty segment may hold one mark already. */
  get commitBytesMax(): number {
    const frames = this.#parts.settings.segmentBytes - SEGMENT_HEADER_BYTES - frameBytes(0);
    return frames - frameBytes(0);
  }

  /** Working memory of flushes and merges, including what is kept for the next. */
  get workBytes(): number {
    return this.#outputs.workBytes;
  }

  /** Whether a commit of `payloadBytes` can be encoded right now. */
  hasRoom(payloadBytes: number, onlyDeletes: boolean): boolean {
    return this.#pace.allows && this.#successor.hasRoom(payloadBytes, onlyDeletes);
  }

  /** Waits until `hasRoom`. Throws StoreError `transaction-too-large` or `disk-full`. */
  async room(payloadBytes: number, onlyDeletes: boolean): Promise<void> {
    const { log, settings } = this.#parts;
    if (payloadBytes > this.commitBytesMax) {
      const message = `a transaction of ${payloadBytes} bytes does not fit a segment of ${settings.segmentBytes}, which takes ${this.commitBytesMax}; commit in parts, or open the store with a larger segmentBytes`;
      throw new StoreError('transaction-too-large', message, true);
    }
    const { clock } = this.#parts.env;
    const began = clock.monotonicMs();
    while (!this.hasRoom(payloadBytes, onlyDeletes)) {
      if (this.#closing) throw new StoreError('store-closed', 'the store is closed', true);
      if (!this.#pace.allows) await this.#pace.wait();
      else if (log.active.hasRoom(payloadBytes)) await this.#successor.prepare();
      else await this.seal();
    }
    const waitedMs = clock.monotonicMs() - began;
    this.stalls++;
    this.stallMs += waitedMs;
    this.longestStallMs = Math.max(this.longestStallMs, waitedMs);
  }

  /** Called after each commit, and when the store has been opened. */
  committed(): void {
    const { active } = this.#parts.log;
    this.#touchAhead.committed(active, this.#successor.next);
    this.#successor.committed(active);
  }

  /**
   * Makes the next segment active and hands the current one to the flush. Between the two nothing is
   * called that can fail: reads and the flush find every commit in one of them.
   */
  async seal(): Promise<void> {
    const { log } = this.#parts;
    const current = log.active;
    if (current.isEmpty) return;
    if (!this.#successor.isReady) await this.#successor.prepare();
    if (this.#closing || log.active !== current || !this.#successor.isReady) return;
    log.rotate(this.#successor.take());
    this.#parts.tree.sealed = [...this.#parts.tree.sealed, current];
    this.#pace.set();
    this.#reserve(current);
    this.work();
  }

  /** What large segments become will be merged, and merges need memory: it is made once, at the first. */
  #reserve(sealed: LogSegment): void {
    const { env } = this.#parts;
    if (this.#hasReserved || sealed.usedBytes < RESERVE_MIN_BYTES) return;
    if (this.#outputs.keptBytes < KEPT_MAX_BYTES) return;
    this.#hasReserved = true;
    const task: Task = { kind: 'reserve' };
    env.background.run(task, 'merge').catch(() => undefined); // then it is made when it is needed
  }

  /** Starts flushing and merging in the background, unless they run already. */
  work(): void {
    if (this.#closed) return;
    this.#flushing ??= this.#flushLoop();
    this.#merging.work();
  }

  /** Seals the active segment and waits until everything is flushed to runs. Throws the error of the flush. */
  async checkpoint(): Promise<void> {
    const { log, tree } = this.#parts;
    if (!log.active.isEmpty) await this.seal();
    const target = tree.sealed.at(-1);
    while (target !== undefined && !target.isFlushed) await this.#flushOne();
  }

  /** Merges all runs into one level, dropping every version that no snapshot can see. */
  async compactAll(): Promise<void> {
    await this.checkpoint();
    await this.#merging.all();
  }

  /**
   * Flushes everything and leaves a store that opens without replay. Merges are cut off: `ended` waits
   * for them, once their workers are gone. Never throws.
   */
  async close(): Promise<void> {
    const { env, log, tree } = this.#parts;
    this.#closing = true;
    this.#warming?.cut();
    this.#outputs.end();
    try {
      await this.#merging.stop();
      await this.#successor.end();
      if (log.failure !== undefined) return;
      if (!log.active.isEmpty) tree.sealed = [...tree.sealed, log.active];
      this.#flushFailure = undefined;
      this.work();
      await this.#flushing;
      if (this.#flushFailure === undefined) await this.#closeCleanly();
    } catch {
      // What could not be flushed is in the log, durable as its mode promised.
    } finally {
      this.#closed = true;
      await this.#flushing;
      const left = new Set([...tree.sealed, log.active, this.#successor.next]);
      for (const segment of left) if (segment !== undefined) env.disk.close(segment.file);
    }
  }

  /** Resolves when all started work has ended. Requires: the workers have ended. */
  async ended(): Promise<void> {
    await this.#merging.active;
  }

  async #closeCleanly(): Promise<void> {
    const { log, manifest, pool, tree } = this.#parts;
    assert(tree.sealed.length === 0, 'a store that was closed cleanly has no log');
    const unused = [log.active, this.#successor.next].filter((segment) => segment !== undefined);
    await manifest.apply(() => ({
      segments: [],
      spares: [...pool.spares, ...unused.map((segment) => segment.id.number)],
      nextNumber: this.#outputs.nextNumber,
      cleanShutdown: true,
      durableLsn: log.durableLsn,
    }));
  }

  /** Waits for flushes until one more segment keeps to the limit. */
  async #roomInMemory(): Promise<void> {
    const { settings, tree } = this.#parts;
    while ((tree.sealed.length + 2) * settings.segmentBytes > settings.maxUnflushedBytes) {
      if (tree.sealed.length === 0) break;
      await this.#flushOne();
    }
  }

  /** Lets flushing run once more, after a failure too, and throws what stopped it. */
  async #flushOnce(): Promise<void> {
    this.#parts.log.refuseIfFailed();
    this.#flushFailure = undefined;
    this.#warming?.cut();
    this.work();
    await this.#flushing;
    if (this.#flushFailure !== undefined) throw this.#flushFailure;
  }

  /** As `#flushOnce`, but waits for one segment only. */
  async #flushOne(): Promise<void> {
    const flushed = new Promise<void>((resolve) => {
      this.#whenFlushed.push(resolve);
    });
    const all = this.#flushOnce();
    all.catch(() => undefined); // met here, or by the next caller that waits
    await Promise.race([flushed, all]);
  }

  async #flushLoop(): Promise<void> {
    await Promise.resolve();
    const { log, tree, env } = this.#parts;
    try {
      while (log.failure === undefined && !this.#closed && tree.sealed[0] !== undefined) {
        const began = env.clock.monotonicMs();
        this.#pace.expectFlush(this.#flushMs);
        const [segment] = tree.sealed;
        const run = await this.#flush(segment);
        const flushMs = env.clock.monotonicMs() - began;
        this.#flushMs = flushMs;
        this.#merging.isAtLeisure = flushMs < LEISURE_SHARE * (began - this.#lastFlushMs);
        this.#lastFlushMs = began;
        this.work();
        await this.#retire(segment, run);
        const pauseMs = this.#pauseMs(flushMs);
        this.#pace.expectFlush(pauseMs + flushMs);
        if (pauseMs > 0) await this.#pause(pauseMs);
      }
    } catch (error) {
      this.#flushFailure = error;
    } finally {
      // Synchronously with the loop's last check: a segment sealed later starts a new loop.
      this.#flushing = undefined;
    }
  }

  /** Pause after a flush in milliseconds, proportional to the compaction debt; 0 without debt. */
  #pauseMs(flushMs: number): number {
    const { compactionDebt, active } = this.#merging;
    if (active === undefined || this.#closing) return 0;
    return Math.min(SPACE_MAX_MS, compactionDebt * flushMs);
  }

  /** Ends with the merge, if that is sooner. */
  async #pause(ms: number): Promise<void> {
    const pause = new Promise<void>((resolve) => {
      this.#parts.env.clock.after(ms, resolve);
    });
    await Promise.race([pause, this.#merging.active]);
  }

  /** Answers the run that was written, if there was anything to write. */
  async #flush(segment: LogSegment): Promise<RunReader | undefined> {
    const { manifest, log, tree, safePoint, times } = this.#parts;
    if (segment.lastLsn > log.durableLsn) await log.durable(segment.lastLsn);
    const task: FlushTask = {
      kind: 'flush',
      segment: segment.bytes,
      usedBytes: segment.usedBytes,
      ...this.#outputs.next(0, manifest.state.runs.length === 0),
    };
    const nameRun = (run: RunMeta | undefined) => (state: ManifestState) => ({
      runs: run === undefined ? state.runs : [...state.runs, run],
      segments: state.segments.filter((id) => id.number !== segment.id.number),
      nextNumber: this.#outputs.nextNumber,
      flushedLsn: segment.lastLsn,
      durableLsn: Math.max(log.durableLsn, segment.lastLsn),
      lastLsn: Math.max(state.lastLsn, log.lastLsn),
      safePoint: Math.min(safePoint.floor, segment.lastLsn),
      clockSamples: times.samples,
    });
    const reader = await this.#outputs.produce(task, nameRun, () => true);
    if (reader !== undefined) tree.runs = [...tree.runs, reader];
    segment.isFlushed = true;
    this.flushes++;
    this.flushedBytes += reader?.meta.bytes ?? 0;
    for (const resolve of this.#whenFlushed.splice(0)) resolve();
    return reader;
  }

  /**
   * Takes a flushed segment out of memory. If it was read there, what `run` holds of it is read into
   * the cache before, unless another segment waits.
   */
  async #retire(segment: LogSegment, run: RunReader | undefined): Promise<void> {
    const { env, settings, tree, pool, log, memory } = this.#parts;
    if (run !== undefined && segment.memtable.reads >= blocksOf(run)) {
      const sizes = { cacheBytes: memory.cache.mostBytes, blockBytes: settings.blockBytes };
      this.#warming = new Handover(run, [], sizes);
      await this.#warming.run(env.clock, () => tree.sealed.length === 1 && !this.#closing);
      this.#warming = undefined;
    }
    tree.sealed = tree.sealed.filter((sealed) => sealed !== segment);
    if (segment !== log.active) pool.recycle(segment);
  }
}

/** The number of runs, or Infinity if they cannot be counted now; a read reports the error. */
function blocksOf(run: RunReader): number {
  try {
    return run.blocks;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
