/**
 * Log: the one place where commits become durable.
 *
 * A commit is encoded into the active segment at once and gets its lsn; `durable(lsn)` resolves
 * when a sync covers it. One sync is in flight at a time, and it serves every commit that was
 * encoded before it began (group commit); what comes meanwhile waits for the next.
 *
 * Invariants:
 * 1. Segments are synced in order, so the durable commits are always a prefix.
 * 2. `durableLsn` only moves after the sync that covers it has resolved.
 * 3. A failed sync is never retried: the kernel may have dropped the pages and called them clean.
 *    The log refuses further commits, and `durableLsn` stands still forever.
 */
import type { Clock, Timer } from '../env/clock.ts';
import type { Disk } from '../env/disk.ts';
import { assert, isStoreError, StoreError } from '../errors.ts';
import type { EncodedEntries, LogSegment } from './segment.ts';

/** A commit that waits alone is synced on its own thread, which is quicker, unless more goes with it. */
const ALONE_BYTES_MAX = 256 * 1024;
/** An idle log writes its last durable mark after this long. */
const MARK_DELAY_MS = 20;

interface Waiter {
  readonly lsn: number;
  resolve(): void;
  reject(error: StoreError): void;
}

export interface LogStart {
  readonly active: LogSegment;
  /** The lsn of the last commit in the log or below it. */
  readonly lastLsn: number;
  /** The lsn that the next commit gets: `lastLsn + 1`, or beyond lsns a crash may have used. */
  readonly nextLsn: number;
}

export class Log {
  readonly #disk: Disk;
  readonly #clock: Clock;
  /** Segments with bytes no sync covers yet, oldest first; the last is the active one. */
  #unsynced: LogSegment[];
  #active: LogSegment;
  #waiters: Waiter[] = [];
  #syncing: Promise<void> | undefined;
  #failure: StoreError | undefined;
  #markTimer: Timer | undefined;
  #markedLsn: number;
  #closed = false;
  #nextLsn: number;
  lastLsn: number;
  /** When the last commit of this process was made. */
  lastWallMs = 0;
  durableLsn: number;
  syncCount = 0;

  constructor(disk: Disk, clock: Clock, start: LogStart) {
    this.#disk = disk;
    this.#clock = clock;
    this.#active = start.active;
    this.#unsynced = [start.active];
    this.#nextLsn = start.nextLsn;
    this.lastLsn = start.lastLsn;
    this.durableLsn = start.lastLsn;
    this.#markedLsn = start.lastLsn;
  }

  get active(): LogSegment {
    return this.#active;
  }

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /** Throws the error that made the log refuse commits, if there is one. */
  refuseIfFailed(): void {
    const cause = this.#failure;
    if (cause === undefined) return;
    const message = `the store refuses writes until it is reopened: ${cause.message}`;
    throw new StoreError('store-failed', message, true, { cause });
  }

  /** Encodes one commit; answers its lsn. Requires: the active segment has room. */
  append(batch: EncodedEntries): number {
    this.refuseIfFailed();
    const lsn = this.#nextLsn;
    const wallMs = this.#clock.wallMs();
    const { lastLsn: previousLsn, durableLsn } = this;
    this.#active.appendCommit(batch, { lsn, previousLsn, durableLsn, wallMs });
    this.lastWallMs = wallMs;
    this.#markTimer?.cancel();
    this.#nextLsn = lsn + 1;
    this.lastLsn = lsn;
    return lsn;
  }

  /** Hands the encoded commits to the operating system: safe from a kill, not from power loss. */
  writeOut(): void {
    this.refuseIfFailed();
    try {
      for (const segment of this.#unsynced) segment.writeOut(this.#disk);
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Resolves when the commit `lsn` and all before it are durable. */
  durable(lsn: number): Promise<void> {
    if (lsn <= this.durableLsn) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ lsn, resolve, reject });
    });
    this.#syncing ??= this.#syncLoop();
    return waiting;
  }

  /** Makes `next` the active segment and answers the one it follows. */
  rotate(next: LogSegment): LogSegment {
    assert(next.isEmpty, 'a segment begins empty');
    const sealed = this.#active;
    this.#active = next;
    this.#unsynced = [...this.#unsynced, next];
    this.#forgetDurable();
    return sealed;
  }

  /** Waits for a sync in flight and stops writing marks, because the files will be closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#markTimer?.cancel();
    await this.#syncing?.catch(() => undefined);
  }

  async #syncLoop(): Promise<void> {
    await undefined; // commits of the same turn share the first sync
    try {
      while (this.#waiters.length > 0) {
        const target = this.lastLsn;
        const alone = this.#waiters.length === 1;
        for (const segment of this.#unsynced) {
          if (segment.lastLsn > this.durableLsn) await this.#makeDurable(segment, alone);
        }
        this.#madeDurable(target);
      }
    } catch (cause) {
      this.#fail(cause);
    } finally {
      this.#syncing = undefined;
    }
    if (this.#failure === undefined) this.#markWhenIdle();
  }

  #madeDurable(target: number): void {
    this.durableLsn = target;
    this.#forgetDurable();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.lsn <= target) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  /** A commit that waits alone is written durably at once; a group is written and then synced. */
  #makeDurable(segment: LogSegment, alone: boolean): Promise<void> {
    this.syncCount++;
    if (alone && segment.isSettled) return segment.writeDurably(this.#disk);
    segment.writeOut(this.#disk);
    const written = segment.writtenBytes;
    const isShort = written - segment.syncedBytes <= ALONE_BYTES_MAX;
    return this.#disk.sync(segment.file, alone && isShort).then(() => {
      segment.syncedBytes = written;
    });
  }

  /** A sealed segment is flushed and closed once its commits are durable; a mark may be left. */
  #forgetDurable(): void {
    this.#unsynced = this.#unsynced.filter(
      (segment) => segment === this.#active || segment.lastLsn > this.durableLsn,
    );
  }

  /** A synced commit with no follower gets a mark, so that damage to it can be told from a tear. */
  #markWhenIdle(): void {
    this.#markTimer?.cancel();
    if (this.#closed) return;
    this.#markTimer = this.#clock.after(MARK_DELAY_MS, () => {
      const idle = this.durableLsn === this.lastLsn && this.#syncing === undefined;
      if (!idle || this.#markedLsn === this.durableLsn || !this.#active.hasRoom(0)) return;
      if (this.#failure !== undefined) return;
      const lsn = this.lastLsn;
      const wallMs = this.#clock.wallMs();
      this.#active.appendMark({ lsn, previousLsn: lsn, durableLsn: this.durableLsn, wallMs });
      this.#markedLsn = this.durableLsn;
      try {
        this.writeOut();
      } catch {
        // The log has failed; the next write reports it.
      }
    });
  }

  #fail(cause: unknown): StoreError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code = isStoreError(cause, 'disk-full') ? 'disk-full' : 'store-failed';
    this.#failure ??= new StoreError(code, `the log could not be written: ${reason}`, false, {
      cause,
    });
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(this.#failure);
    return this.#failure;
  }
}
