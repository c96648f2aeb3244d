/**
 * Successor: prepares the next log segment and a spare ahead of need, and says whether a commit may be encoded
 * in the active one.
 *
 * Invariants:
 * 1. An empty segment always exists on disk, for recovery to copy the log into. The active segment is therefore
 *    left only when the next one and a spare exist.
 * 2. Puts use the second half of a segment under the same condition. On a full disk at least half of the last
 *    segment is left for deletes.
 * 3. The manifest names the next segment before its first commit.
 */
import { isStoreError } from '../errors.ts';
import { frameBytes } from '../wal/log-format.ts';
import type { LogSegment } from '../wal/segment.ts';
import type { MaintenanceParts } from './parts.ts';
import type { RunOutputs } from './run-outputs.ts';

/** The next segment is prepared once a quarter of the active one, or this many bytes, is used. */
const AHEAD_SHARE = 1 / 4;
const AHEAD_MAX_BYTES = 8 * 1024 * 1024;

export class Successor {
  readonly #parts: MaintenanceParts;
  readonly #outputs: RunOutputs;
  /** Waits until segments in memory leave room for one more. */
  readonly #roomInMemory: () => Promise<void>;
  #next: LogSegment | undefined;
  #making: Promise<void> | undefined;
  /** The active segments that a next one, and a spare besides, were made for, or were to be. */
  #followed: LogSegment | undefined;
  #prepared: LogSegment | undefined;
  #ended = false;

  constructor(parts: MaintenanceParts, outputs: RunOutputs, roomInMemory: () => Promise<void>) {
    this.#parts = parts;
    this.#outputs = outputs;
    this.#roomInMemory = roomInMemory;
  }

  /** The next segment, where it has been made. */
  get next(): LogSegment | undefined {
    return this.#next;
  }

  /** Whether the active segment may be left. */
  get isReady(): boolean {
    return this.#next !== undefined && this.#parts.pool.spares.length > 0;
  }

  /** Whether a commit of `payloadBytes` can be encoded right now. */
  hasRoom(payloadBytes: number, onlyDeletes: boolean): boolean {
    const { active } = this.#parts.log;
    if (!active.hasRoom(payloadBytes)) return false;
    if (onlyDeletes || this.isReady) return true;
    return active.usedBytes + frameBytes(payloadBytes) <= active.size / 2;
  }

  /** Called after each commit: begins, once for each segment, what has to be made ahead of need. */
  committed(active: LogSegment): void {
    if (active === this.#prepared) return;
    const ahead = Math.min(active.size * AHEAD_SHARE, AHEAD_MAX_BYTES);
    // A spare file has its size already: little can keep it from becoming the next.
    if (active.usedBytes >= ahead) {
      this.#prepared = active;
      this.prepare().catch(ignore); // a writer that needs it meets the error
    } else if (active !== this.#followed && this.#parts.pool.spares.length === 0) {
      this.#followed = active;
      this.prepare(false).catch(ignore);
    }
  }

  /** Makes the next segment, and a spare besides unless `withSpare` is false. */
  async prepare(withSpare = true): Promise<void> {
    const isDone = () => (withSpare ? this.isReady : this.#next !== undefined);
    while (!isDone() && !this.#ended) {
      this.#making ??= this.#makeOne().finally(() => {
        this.#making = undefined;
      });
      await this.#making;
    }
  }

  /** Hands the next segment out. Requires: `isReady`. */
  take(): LogSegment {
    const next = this.#next!;
    this.#next = undefined;
    return next;
  }

  /** Starts nothing new, and waits for what is in progress. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#making?.catch(ignore);
  }

  #makeOne(): Promise<void> {
    if (this.#next === undefined) return this.#makeNext();
    return this.#parts.pool.addSpare(this.#outputs.nextNumber++);
  }

  async #makeNext(): Promise<void> {
    const { env, manifest, pool, log } = this.#parts;
    manifest.refuseIfFailed();
    await this.#roomInMemory();
    const id = { number: this.#outputs.nextNumber++, generation: manifest.state.generation };
    const segment = await pool.prepare(id);
    try {
      await manifest.apply((state) => ({
        nextNumber: this.#outputs.nextNumber,
        segments: [...state.segments, id],
        durableLsn: log.durableLsn,
      }));
    } catch (error) {
      // If the manifest may name the file, it stays.
      if (isStoreError(error) && error.definite) pool.recycle(segment);
      else env.disk.close(segment.file);
      throw error;
    }
    this.#next = segment;
  }
}

function ignore(): void {}
