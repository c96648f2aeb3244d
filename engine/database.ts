/**
 * Database: the store as its users see it. Wires log, tree, snapshots and maintenance together.
 *
 * Visibility: in `sync` mode a snapshot starts at the durable lsn, so it never shows what a crash
 * could still take back; in the other modes at the last commit. An acknowledged commit is visible
 * to every later snapshot in all of them.
 */

import type { Recovered, RecoveryReport } from './checkpoint/recovery.ts';
import { closeInOrder } from './closing.ts';
import { Maintenance } from './compaction/maintenance.ts';
import type { DiskLock } from './env/disk.ts';
import type { Env } from './env/env.ts';
import { isStoreError, StoreError } from './errors.ts';
import { alignUp } from './format/bytes.ts';
import { refuseConflicts, refuseStaleReads } from './mvcc/conflict.ts';
import {
  cursorRange,
  type KeyValue,
  type RangeOptions,
  visibleRecords,
} from './mvcc/range-read.ts';
import type { ReadSet } from './mvcc/read-set.ts';
import { Retries } from './mvcc/retries.ts';
import { SafePoint } from './mvcc/safe-point.ts';
import { Snapshot } from './mvcc/snapshot.ts';
import type { TimeMap } from './mvcc/time-map.ts';
import {
  type CommitOptions,
  type CommitResult,
  type Isolation,
  Transaction,
} from './mvcc/transaction.ts';
import type { WriteSet } from './mvcc/write-set.ts';
import type { Settings } from './options.ts';
import { BlockCache } from './run/block-cache.ts';
import { GroupRead } from './run/group-read.ts';
import { Lookup } from './run/lookup.ts';
import { openRuns } from './run/open-runs.ts';
import { BLOCK_GRAIN } from './run/run-format.ts';
import { type StoreStats, storeStats } from './stats.ts';
import { Tree } from './tree.ts';
import { Log } from './wal/log.ts';
import { WriteBatch } from './wal/write-batch.ts';

type Sized = Pick<WriteBatch, 'byteLength' | 'onlyDeletes'>;

/** Transactions up to this size are encoded in memory that is used again and again. */
const SCRATCH_BYTES = 64 * 1024;

export class Database {
  readonly recovery: RecoveryReport;
  readonly settings: Settings;
  readonly #env: Env;
  readonly #lock: DiskLock;
  readonly #log: Log;
  readonly #tree: Tree;
  readonly #cache: BlockCache;
  readonly #safePoint: SafePoint;
  readonly #times: TimeMap;
  readonly #maintenance: Maintenance;
  readonly #retries: Retries;
  readonly #lookup: Lookup;
  readonly #groupRead: GroupRead;
  /** Where a transaction is encoded, within the turn in which it commits. */
  readonly #scratch = new WriteBatch();
  #syncTimer = false;
  #rangeRead = false;
  #checkpointed = 0;
  #closed = false;
  #closing: Promise<void> | undefined;

  /** See `open`. Requires: `env` is guarded. */
  constructor(env: Env, settings: Settings, lock: DiskLock, recovered: Recovered) {
    const { manifest, pool, segments, lastLsn, nextLsn, times, report } = recovered;
    const { state } = manifest;
    this.#env = env;
    this.settings = settings;
    this.#lock = lock;
    this.recovery = report;
    this.#times = times;
    this.#retries = new Retries(env.clock);
    this.#lookup = new Lookup(state);
    const frameBytes = alignUp(settings.blockBytes, BLOCK_GRAIN);
    this.#cache = new BlockCache(settings.cacheBytes, frameBytes, env.disk.allocate);
    this.#log = new Log(env.disk, env.clock, { active: segments.at(-1)!, lastLsn, nextLsn });
    const runs = openRuns(env, settings.directory, state.runs, this.#cache);
    this.#tree = new Tree(this.#log, segments.slice(0, -1), runs);
    this.#groupRead = new GroupRead(this.#tree, this.#lookup);
    this.#safePoint = new SafePoint(env.clock, settings.retain, state.safePoint, lastLsn);
    this.#maintenance = new Maintenance({
      env,
      settings,
      manifest,
      pool,
      times,
      log: this.#log,
      tree: this.#tree,
      cache: this.#cache,
      safePoint: this.#safePoint,
      visibleLsn: () => this.visibleTimestamp,
    });
    this.#maintenance.committed();
    this.#maintenance.work();
  }

  /** The lsn that a snapshot taken now shows. */
  get visibleTimestamp(): number {
    return this.settings.durability === 'sync' ? this.#log.durableLsn : this.#log.lastLsn;
  }

  /** A copy of the newest visible value, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    return this.getAt(key, this.visibleTimestamp);
  }

  /** Calls `use` with the value in place, without a copy; it is valid until `use` returns. */
  getView<T>(key: Uint8Array, use: (value: Uint8Array) => T): T | undefined {
    this.#refuseIfClosed();
    const lookup = this.#lookup;
    lookup.begin(key, this.visibleTimestamp);
    if (!this.#tree.find(lookup) || lookup.isTombstone) return undefined;
    const { bytes, valueOffset, valueLength } = lookup;
    this.#cache.views++;
    try {
      return use(bytes.subarray(valueOffset, valueOffset + valueLength));
    } finally {
      this.#cache.views--;
    }
  }

  /** Copies of the newest visible values, in the order of the keys; quicker than one by one. */
  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    this.#refuseIfClosed();
    return this.#groupRead.values(keys, this.visibleTimestamp);
  }

  /** Records in key order, as of now. Leave it early or run it to its end; both let go of it. */
  range(options: RangeOptions = {}): Generator<KeyValue, void, void> {
    return this.rangeAt(options, this.visibleTimestamp);
  }

  snapshot(): Snapshot {
    this.#refuseIfClosed();
    const lsn = this.visibleTimestamp;
    this.#safePoint.open(lsn);
    return new Snapshot(this, lsn);
  }

  /**
   * The store as it was at a commit timestamp, or at a date (to the second, by this machine's clock).
   * Throws StoreError `snapshot-too-old`, or `invalid-options` for what is not visible yet.
   */
  snapshotAt(when: number | Date): Snapshot {
    this.#refuseIfClosed();
    const lsn = typeof when === 'number' ? when : (this.#times.lsnAt(when.getTime()) ?? 0);
    if (!Number.isSafeInteger(lsn) || lsn > this.visibleTimestamp) {
      const message = `timestamp ${lsn} is not visible yet; the newest is ${this.visibleTimestamp}`;
      throw new StoreError('invalid-options', message, true);
    }
    if (lsn < this.#safePoint.floor) {
      const message = `timestamp ${lsn} is below the safe point ${this.#safePoint.floor}; keep more with the option retain`;
      throw new StoreError('snapshot-too-old', message, true);
    }
    this.#safePoint.open(lsn);
    return new Snapshot(this, lsn);
  }

  begin(isolation: Isolation = this.settings.isolation): Transaction {
    this.#refuseIfClosed();
    const lsn = this.visibleTimestamp;
    this.#safePoint.open(lsn);
    return new Transaction(this, lsn, isolation);
  }

  /**
   * Runs `body` in a transaction and commits it; runs it again after a conflict, once the commit
   * that stood in the way is visible. Throws what `body` throws, and `conflict` after 100 tries.
   */
  async transact<T>(
    body: (transaction: Transaction) => T | Promise<T>,
    options: CommitOptions & { readonly isolation?: Isolation } = {},
  ): Promise<T> {
    const begin = () => this.begin(options.isolation);
    return this.#retries.run(begin, body, options, async ({ details }) => {
      if (this.settings.durability !== 'sync') return;
      await this.#log.durable(details.blockingTimestamp ?? 0);
    });
  }

  async put(
    key: Uint8Array,
    value: Uint8Array,
    options: CommitOptions = {},
  ): Promise<CommitResult> {
    const batch = new WriteBatch();
    batch.put(key, value);
    return this.write(batch, options);
  }

  async delete(key: Uint8Array, options: CommitOptions = {}): Promise<CommitResult> {
    const batch = new WriteBatch();
    batch.delete(key);
    return this.write(batch, options);
  }

  /** Commits a batch blindly: atomic, and never in conflict, because it read nothing. */
  async write(batch: WriteBatch, options: CommitOptions = {}): Promise<CommitResult> {
    this.#refuseIfClosed();
    if (batch.count === 0) return { timestamp: 0 };
    for (let room = this.#room(batch); room !== undefined; room = this.#room(batch)) await room;
    return await this.#commit(batch, options);
  }

  /**
   * Commits a batch in this very turn, without a promise: for the modes that do not wait for the
   * disk. Answers its timestamp, or 0 when there is no room right now; then `write` waits for some.
   * Throws StoreError `invalid-options` in `sync` mode, else as `write` rejects.
   */
  writeNow(batch: WriteBatch): number {
    this.#refuseIfClosed();
    if (this.settings.durability === 'sync') {
      throw new StoreError('invalid-options', 'writeNow cannot wait for the disk; use write', true);
    }
    if (batch.count === 0) return 0;
    if (!this.#maintenance.hasRoom(batch.byteLength, batch.onlyDeletes)) return 0;
    const timestamp = this.#encode(batch);
    this.#handOver();
    this.#committed(timestamp);
    return timestamp;
  }

  /** Resolves when every commit so far is durable, whatever the mode. */
  async sync(): Promise<void> {
    this.#refuseIfClosed();
    await this.#log.durable(this.#log.lastLsn);
  }

  /** Writes everything unflushed into runs; the log is empty after it. Writers go on meanwhile. */
  async checkpoint(): Promise<{ readonly timestamp: number }> {
    this.#refuseIfClosed();
    const timestamp = this.#log.lastLsn;
    await this.#maintenance.checkpoint();
    this.#checkpointed = this.#maintenance.flushedBytes;
    return { timestamp };
  }

  /** Checkpoints, then merges all runs into one and reclaims what no snapshot can see. */
  async compact(): Promise<void> {
    this.#refuseIfClosed();
    await this.#maintenance.compactAll();
  }

  stats(): StoreStats {
    return storeStats(this.#log, this.#tree, this.#cache, this.#safePoint, this.#maintenance);
  }

  /**
   * Flushes and lets go of everything. Always resolves, after `CLOSE_MAX_MS` at the latest: what could
   * not be flushed by then is in the log. A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closed = true;
    this.#closing ??= closeInOrder({
      env: this.#env,
      lock: this.#lock,
      log: this.#log,
      tree: this.#tree,
      maintenance: this.#maintenance,
    });
    return this.#closing;
  }

  /** For snapshots and transactions: the value at `lsn`. */
  getAt(key: Uint8Array, lsn: number): Uint8Array | undefined {
    this.#refuseIfClosed();
    this.#lookup.begin(key, lsn);
    return this.#tree.find(this.#lookup) ? this.#lookup.copyValue() : undefined;
  }

  /** For snapshots and transactions: the records at `lsn`. */
  rangeAt(options: RangeOptions, lsn: number): Generator<KeyValue, void, void> {
    this.#refuseIfClosed();
    this.#rangeRead = true;
    return visibleRecords(this.#tree.cursor(cursorRange(options)), lsn, options);
  }

  closeSnapshot(lsn: number): void {
    this.#safePoint.close(lsn);
  }

  /** For transactions: checks for conflicts and commits in the same turn. */
  async commitWrites(
    writes: WriteSet,
    reads: ReadSet | undefined,
    snapshot: number,
    options: CommitOptions,
  ): Promise<CommitResult> {
    this.#refuseIfClosed();
    const size = { byteLength: writes.byteLength, onlyDeletes: writes.onlyDeletes };
    for (let room = this.#room(size); room !== undefined; room = this.#room(size)) await room;
    refuseConflicts(this.#tree, this.#lookup, writes.keys, snapshot);
    if (reads !== undefined) refuseStaleReads(this.#tree, this.#lookup, reads, snapshot);
    const batch = size.byteLength > SCRATCH_BYTES ? new WriteBatch(size.byteLength) : this.#scratch;
    batch.clear();
    writes.encodeInto(batch);
    return await this.#commit(batch, options);
  }

  /** Requires: room, seen in this same turn. */
  #commit(batch: WriteBatch, options: CommitOptions): Promise<CommitResult> {
    this.#refuseIfClosed();
    const timestamp = this.#encode(batch);
    if (this.settings.durability === 'sync' || options.durability === 'sync') {
      return this.#log.durable(timestamp).then(() => this.#committed(timestamp));
    }
    this.#handOver();
    return Promise.resolve(this.#committed(timestamp));
  }

  #encode(batch: WriteBatch): number {
    const timestamp = this.#log.append(batch);
    if (this.#rangeRead) this.#log.active.memtable.pieces.keepUp();
    return timestamp;
  }

  #handOver(): void {
    this.#log.writeOut();
    const { durability } = this.settings;
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
   * asking again. Nothing was encoded when that fails, so every error of it is definite.
   */
  #room({ byteLength, onlyDeletes }: Sized): Promise<void> | undefined {
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
    this.#env.clock.after(intervalMs, () => {
      this.#syncTimer = false;
      if (!this.#closed) this.#log.durable(this.#log.lastLsn).catch(() => undefined);
    });
  }

  #checkpointIfDue(): void {
    const logged = this.#maintenance.flushedBytes + this.#log.active.usedBytes;
    if (logged - this.#checkpointed < this.settings.checkpointEveryBytes) return;
    this.#checkpointed = logged;
    this.#maintenance.seal().catch(() => undefined); // met again by the next writer
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new StoreError('store-closed', 'the store is closed', true);
  }
}
