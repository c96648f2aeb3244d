/**
 * CommitPath: takes a write from the caller to the log. Waits for room, checks conflicts, encodes the frame,
 * waits for the sync, and starts the maintenance that the commit makes due.
 *
 * Invariants:
 * 1. Keys and values are encoded or copied before control returns to the caller.
 * 2. Conflicts are checked in the turn in which the commit is encoded: no commit comes between.
 * 3. Nothing is encoded if the wait for room fails, so every such error is definite.
 */
import type { Maintenance } from './compaction/maintenance.ts';
import type { Clock } from './env/clock.ts';
import { isStoreError, StoreError } from './errors.ts';
import { refuseConflicts, refuseStaleReads } from './mvcc/conflict.ts';
import type { ReadSet } from './mvcc/read-set.ts';
import type { SafePoint } from './mvcc/safe-point.ts';
import type { TimeMap } from './mvcc/time-map.ts';
import type { CommitResult } from './mvcc/transaction.ts';
import type { WriteSet } from './mvcc/write-set.ts';
import type { Settings } from './options.ts';
import type { Lookup } from './run/lookup.ts';
import type { Tree } from './tree.ts';
import { EntryArena } from './wal/entry-arena.ts';
import type { Log } from './wal/log.ts';
import { SEGMENT_HEADER_BYTES } from './wal/log-format.ts';
import type { LogSegment } from './wal/segment.ts';

/** Single writes up to this size are encoded in a reused buffer. */
const SCRATCH_BYTES = 64 * 1024;

/** Arenas kept for reuse by later transactions: making one costs more than a write. */
const SPARE_ARENAS = 8;

export interface CommitParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly tree: Tree;
  readonly lookup: Lookup;
  readonly maintenance: Maintenance;
  readonly safePoint: SafePoint;
  readonly times: TimeMap;
  /** Throws once the store is closed. */
  refuseIfClosed(): void;
}

export class CommitPath {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tree: Tree;
  readonly #lookup: Lookup;
  readonly #maintenance: Maintenance;
  readonly #safePoint: SafePoint;
  readonly #times: TimeMap;
  readonly #refuseIfClosed: () => void;
  /** Buffer for encoding a single write, within the turn in which it commits. */
  #scratch = new EntryArena();
  readonly #spareArenas: EntryArena[] = [];
  #syncTimer = false;
  /** The segment that is being sealed because it reached `checkpointEveryBytes`. */
  #sealing: LogSegment | undefined;
  #closed = false;
  /** Whether a range was read: from then on sorted pieces are maintained. */
  keepsOrder = false;

  constructor(parts: CommitParts) {
    this.#settings = parts.settings;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#tree = parts.tree;
    this.#lookup = parts.lookup;
    this.#maintenance = parts.maintenance;
    this.#safePoint = parts.safePoint;
    this.#times = parts.times;
    this.#refuseIfClosed = parts.refuseIfClosed;
  }

  put(key: Uint8Array, value: Uint8Array, durably: boolean): Promise<CommitResult> {
    const entry = this.#emptyScratch();
    entry.put(key, value);
    return this.write(entry, durably);
  }

  delete(key: Uint8Array, durably: boolean): Promise<CommitResult> {
    const entry = this.#emptyScratch();
    entry.delete(key);
    return this.write(entry, durably);
  }

  /** Synchronous. Returns 0 when there is no room right now. */
  writeNow(entries: EntryArena): number {
    if (entries.count === 0) return 0;
    if (!this.#maintenance.hasRoom(entries.byteLength, entries.onlyDeletes)) return 0;
    const timestamp = this.#encode(entries);
    this.#handOver();
    this.#committed(timestamp);
    return timestamp;
  }

  write(entries: EntryArena, durably: boolean): Promise<CommitResult> {
    this.#refuseIfClosed();
    if (entries.count === 0) return Promise.resolve({ timestamp: 0 });
    const room = this.#room(entries);
    if (room === undefined) return this.#commit(entries, durably);
    return this.#writeAfter(room, entries.copy(), durably); // its memory is the caller's again
  }

  async #writeAfter(
    room: Promise<void>,
    entries: EntryArena,
    durably: boolean,
  ): Promise<CommitResult> {
    for (let wait: typeof room | undefined = room; wait !== undefined; wait = this.#room(entries)) {
      await wait;
    }
    return await this.#commit(entries, durably);
  }

  /** Checks for conflicts and commits in the same turn. */
  async commitWrites(
    writes: WriteSet,
    reads: ReadSet | undefined,
    snapshot: number,
    durably: boolean,
  ): Promise<CommitResult> {
    this.#refuseIfClosed();
    const entries = writes.encoded();
    for (let room = this.#room(entries); room !== undefined; room = this.#room(entries)) await room;
    refuseConflicts(this.#tree, this.#lookup, writes.keys(), snapshot);
    if (reads !== undefined) refuseStaleReads(this.#tree, this.#lookup, reads, snapshot);
    return await this.#commit(entries, durably);
  }

  /** From now on timers have no effect. */
  close(): void {
    this.#closed = true;
  }

  #emptyScratch(): EntryArena {
    if (this.#scratch.capacity > SCRATCH_BYTES) this.#scratch = new EntryArena();
    this.#scratch.clear();
    return this.#scratch;
  }

  /** Memory for the writes of a transaction. */
  takeArena(): EntryArena {
    return this.#spareArenas.pop() ?? new EntryArena();
  }

  /** Requires: no reader of its content is left. */
  giveBack(arena: EntryArena): void {
    if (arena.capacity > SCRATCH_BYTES || this.#spareArenas.length === SPARE_ARENAS) return;
    arena.clear();
    this.#spareArenas.push(arena);
  }

  /** Requires: room, checked in the same turn. */
  #commit(entries: EntryArena, durably: boolean): Promise<CommitResult> {
    this.#refuseIfClosed();
    const timestamp = this.#encode(entries);
    if (this.#settings.durability === 'sync' || durably) {
      return this.#log.durable(timestamp).then(() => this.#committed(timestamp));
    }
    this.#handOver();
    return Promise.resolve(this.#committed(timestamp));
  }

  #encode(entries: EntryArena): number {
    const timestamp = this.#log.append(entries);
    if (this.keepsOrder) this.#log.active.memtable.pieces.keepUp();
    return timestamp;
  }

  #handOver(): void {
    this.#log.writeOut();
    const { durability } = this.#settings;
    if (typeof durability === 'object') this.#syncWithin(durability.intervalMs);
  }

  #committed(timestamp: number): CommitResult {
    this.#times.record(this.#log.lastWallMs, timestamp);
    this.#safePoint.committed(timestamp);
    this.#maintenance.committed();
    this.#checkpointIfDue();
    return { timestamp };
  }

  /**
   * `undefined` when the batch can be encoded in this very turn, else what to wait for before
   * asking again.
   */
  #room({ byteLength, onlyDeletes }: EntryArena): Promise<void> | undefined {
    if (this.#maintenance.hasRoom(byteLength, onlyDeletes)) return undefined;
    this.#log.refuseIfFailed();
    return this.#maintenance.room(byteLength, onlyDeletes).catch((error: unknown) => {
      if (!isStoreError(error) || error.definite) throw error;
      throw new StoreError(error.code, error.message, true, { cause: error });
    });
  }

  #syncWithin(intervalMs: number): void {
    if (this.#syncTimer) return;
    this.#syncTimer = true;
    this.#clock.after(intervalMs, () => {
      this.#syncTimer = false;
      if (!this.#closed) this.#log.durable(this.#log.lastLsn).catch(() => undefined);
    });
  }

  #checkpointIfDue(): void {
    const { active } = this.#log;
    const logged = active.usedBytes - SEGMENT_HEADER_BYTES;
    if (logged < this.#settings.checkpointEveryBytes || active === this.#sealing) return;
    this.#sealing = active;
    this.#maintenance.seal().catch(() => {
      this.#sealing = undefined; // the next commit tries again
    });
  }
}
