/**
 * Database: the store as its users see it. Wires log, tree, snapshots and maintenance together.
 *
 * Visibility: in `sync` mode a snapshot starts at the durable lsn, so it never shows what a crash
 * could still take back; in the other modes at the last commit. An acknowledged commit is visible
 * to every later snapshot in all of them.
 */

import { byteArrays, refuseNonBytes, refuseNonFunction, timeOf } from './arguments.ts';
import type { Recovered, RecoveryReport } from './checkpoint/recovery.ts';
import { closeInOrder } from './closing.ts';
import { CommitPath } from './commit-path.ts';
import { Maintenance } from './compaction/maintenance.ts';
import type { DiskLock } from './env/disk.ts';
import type { Env } from './env/env.ts';
import { StoreError } from './errors.ts';
import { alignUp } from './format/bytes.ts';
import { OpenRanges } from './mvcc/open-ranges.ts';
import { type RangeBounds, type RangeOptions, rangeBounds } from './mvcc/range-options.ts';
import { type KeyValue, visibleRecords } from './mvcc/range-read.ts';
import { Retries } from './mvcc/retries.ts';
import { SafePoint } from './mvcc/safe-point.ts';
import { Snapshot } from './mvcc/snapshot.ts';
import type { TimeMap } from './mvcc/time-map.ts';
import {
  type CommitOptions,
  type CommitResult,
  type Committer,
  checkIsolation,
  type Isolation,
  Transaction,
  type TransactOptions,
  transactOptions,
  waitsForDisk,
} from './mvcc/transaction.ts';
import type { Settings } from './options.ts';
import type { BlockCache } from './run/block-cache.ts';
import { GroupRead } from './run/group-read.ts';
import { Lookup } from './run/lookup.ts';
import { openRuns } from './run/open-runs.ts';
import type { Cursor } from './run/record.ts';
import { BLOCK_GRAIN } from './run/run-format.ts';
import { type StoreStats, storeStats } from './stats.ts';
import { StoreMemory } from './store-memory.ts';
import { Tree } from './tree.ts';
import { Log } from './wal/log.ts';
import { entriesIn, type WriteBatch } from './wal/write-batch.ts';

export class Database {
  readonly recovery: RecoveryReport;
  readonly settings: Settings;
  readonly #env: Env;
  readonly #lock: DiskLock;
  readonly #log: Log;
  readonly #tree: Tree;
  readonly #memory: StoreMemory;
  readonly #cache: BlockCache;
  readonly #safePoint: SafePoint;
  readonly #times: TimeMap;
  readonly #maintenance: Maintenance;
  readonly #retries: Retries;
  readonly #lookup: Lookup;
  readonly #groupRead: GroupRead;
  readonly #commits: CommitPath;
  readonly #ranges = new OpenRanges();
  /** The interface for its snapshots and transactions. */
  readonly #committer: Committer;
  #closed = false;
  #closing: Promise<void> | undefined;

  /** See `open`. Requires: `env` is guarded. */
  constructor(env: Env, settings: Settings, lock: DiskLock, recovered: Recovered) {
    const { manifest, pool, segments, lastLsn, nextLsn, times, report } = recovered;
    const { state } = manifest;
    this.#env = env;
    this.settings = Object.freeze(settings);
    this.#lock = lock;
    this.recovery = report;
    this.#times = times;
    this.#retries = new Retries(env.clock);
    this.#lookup = new Lookup(state);
    const frameBytes = alignUp(settings.blockBytes, BLOCK_GRAIN);
    this.#memory = new StoreMemory(env.memory, settings, frameBytes, env.disk.allocate);
    this.#cache = this.#memory.cache;
    this.#log = new Log(env.disk, env.clock, { active: segments.at(-1)!, lastLsn, nextLsn });
    const runs = openRuns(env, settings.directory, state.runs, this.#memory);
    this.#tree = new Tree(this.#log, segments.slice(0, -1), runs);
    this.#groupRead = new GroupRead(this.#tree, this.#lookup);
    this.#safePoint = new SafePoint(env.clock, settings.retain, {
      floor: state.safePoint,
      lastLsn,
      gaps: state.lsnGaps,
    });
    this.#maintenance = new Maintenance({
      env,
      settings,
      manifest,
      pool,
      times,
      log: this.#log,
      tree: this.#tree,
      memory: this.#memory,
      safePoint: this.#safePoint,
      visibleLsn: () => this.visibleTimestamp,
    });
    this.#commits = new CommitPath({
      settings,
      clock: env.clock,
      log: this.#log,
      tree: this.#tree,
      lookup: this.#lookup,
      maintenance: this.#maintenance,
      safePoint: this.#safePoint,
      times,
      refuseIfClosed: () => this.#refuseIfClosed(),
    });
    this.#committer = {
      ranges: this.#ranges,
      transactionBytesMax: this.#maintenance.commitBytesMax,
      getAt: (key, lsn) => this.#getAt(key, lsn),
      cursor: (bounds) => this.#cursor(bounds),
      closeSnapshot: (lsn) => this.#safePoint.close(lsn),
      commitWrites: (writes, reads, snapshot, durably) =>
        this.#commits.commitWrites(writes, reads, snapshot, durably),
      takeArena: () => this.#commits.takeArena(),
      giveBack: (arena) => this.#commits.giveBack(arena),
    };
    this.#memory.hold({ log: this.#log, tree: this.#tree, maintenance: this.#maintenance });
    for (const run of [...runs].reverse()) run.preload();
    this.#maintenance.committed();
    this.#maintenance.work();
  }

  /** The lsn of a snapshot taken now. */
  get visibleTimestamp(): number {
    return this.settings.durability === 'sync' ? this.#log.durableLsn : this.#log.lastLsn;
  }

  /** A copy of the newest visible value, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    return this.#getAt(key, this.visibleTimestamp);
  }

  /**
   * Calls `use` with the value in place, without a copy: to be read, not written, until `use`
   * returns. Nothing else of the store's own memory is ever lent.
   */
  getView<T>(key: Uint8Array, use: (value: Uint8Array) => T): T | undefined {
    this.#refuseIfClosed();
    refuseNonBytes(key, 'key');
    refuseNonFunction(use, 'use');
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

  /** Copies of the newest visible values, in the order of `keys`; faster than single reads. */
  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    this.#refuseIfClosed();
    return this.#groupRead.values(byteArrays(keys), this.visibleTimestamp);
  }

  /**
   * Records in key order, as of the moment when the first is asked for: until then it holds nothing.
   * Leaving it early and running it to its end both release it. Closing the store ends it.
   */
  range(options?: RangeOptions): Generator<KeyValue, void, void> {
    this.#refuseIfClosed();
    const bounds = rangeBounds(options);
    return visibleRecords(this.#ranges, bounds, () => ({
      cursor: this.#cursor(bounds),
      atLsn: this.visibleTimestamp,
    }));
  }

  snapshot(): Snapshot {
    this.#refuseIfClosed();
    const lsn = this.visibleTimestamp;
    this.#safePoint.open(lsn);
    return new Snapshot(this.#committer, lsn);
  }

  /**
   * The store as it was at a commit timestamp, or at a date (to the second, by this machine's clock).
   * Throws StoreError `snapshot-too-old`, or `invalid-options` for what is not visible yet.
   */
  snapshotAt(when: number | Date): Snapshot {
    this.#refuseIfClosed();
    if (typeof when !== 'number') this.#times.observe(this.#env.clock.wallMs());
    const lsn = typeof when === 'number' ? when : (this.#times.lsnAt(timeOf(when)) ?? 0);
    if (!Number.isSafeInteger(lsn) || lsn > this.visibleTimestamp) {
      const message = `timestamp ${lsn} is not visible yet; the newest is ${this.visibleTimestamp}`;
      throw new StoreError('invalid-options', message, true);
    }
    if (lsn < this.#safePoint.floor) {
      const message = `timestamp ${lsn} is below the safe point ${this.#safePoint.floor}; keep more with the option retain`;
      throw new StoreError('snapshot-too-old', message, true);
    }
    this.#safePoint.open(lsn);
    return new Snapshot(this.#committer, lsn);
  }

  begin(isolation?: Isolation): Transaction {
    this.#refuseIfClosed();
    const level = isolation === undefined ? this.settings.isolation : checkIsolation(isolation);
    const lsn = this.visibleTimestamp;
    this.#safePoint.open(lsn);
    return new Transaction(this.#committer, lsn, level);
  }

  /**
   * Runs `body` in a transaction and commits it; runs it again after a conflict, once the commit
   * that stood in the way is visible. Throws what `body` throws, and `conflict` after 100 tries.
   */
  async transact<T>(
    body: (transaction: Transaction) => T | Promise<T>,
    options?: TransactOptions,
  ): Promise<T> {
    refuseNonFunction(body, 'body');
    const { isolation, commit } = transactOptions(options);
    const begin = () => this.begin(isolation);
    return this.#retries.run(begin, body, commit, async ({ details }) => {
      if (this.settings.durability !== 'sync') return;
      await this.#log.durable(details.blockingTimestamp ?? 0);
    });
  }

  /** Throws StoreError as `Transaction.put` and `Transaction.commit` do. */
  async put(key: Uint8Array, value: Uint8Array, options?: CommitOptions): Promise<CommitResult> {
    const durably = waitsForDisk(options);
    return this.#commits.put(key, value, durably);
  }

  async delete(key: Uint8Array, options?: CommitOptions): Promise<CommitResult> {
    const durably = waitsForDisk(options);
    return this.#commits.delete(key, durably);
  }

  /**
   * Commits a batch blindly: atomic, and never in conflict, because it read nothing. The batch may
   * be changed as soon as this has been called.
   */
  async write(batch: WriteBatch, options?: CommitOptions): Promise<CommitResult> {
    return this.#commits.write(entriesIn(batch), waitsForDisk(options));
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
    return this.#commits.writeNow(entriesIn(batch));
  }

  /** Resolves when every commit so far is durable, whatever the mode. */
  async sync(): Promise<void> {
    this.#refuseIfClosed();
    await this.#log.durable(this.#log.lastLsn);
  }

  /** Flushes everything into runs; the log is empty afterwards. Writers continue meanwhile. */
  async checkpoint(): Promise<{ readonly timestamp: number }> {
    this.#refuseIfClosed();
    const timestamp = this.#log.lastLsn;
    await this.#maintenance.checkpoint();
    return { timestamp };
  }

  /** Checkpoints, then merges all runs into one and reclaims what no snapshot can see. */
  async compact(): Promise<void> {
    this.#refuseIfClosed();
    await this.#maintenance.compactAll();
  }

  /** Yields to the event loop: for long loops over synchronous calls. */
  pause(): Promise<void> {
    return this.#env.clock.rest(0, true);
  }

  stats(): StoreStats {
    return storeStats(this.#log, this.#tree, this.#memory, this.#safePoint, this.#maintenance);
  }

  /**
   * Flushes and releases everything. Always resolves, after `CLOSE_MAX_MS` at the latest: what could
   * not be flushed by then is in the log. A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closed = true;
    this.#ranges.end(storeClosed);
    this.#commits.close();
    this.#closing ??= closeInOrder({
      env: this.#env,
      lock: this.#lock,
      log: this.#log,
      tree: this.#tree,
      maintenance: this.#maintenance,
      memory: this.#memory,
    });
    return this.#closing;
  }

  #getAt(key: Uint8Array, lsn: number): Uint8Array | undefined {
    this.#refuseIfClosed();
    refuseNonBytes(key, 'key');
    this.#lookup.begin(key, lsn);
    return this.#tree.find(this.#lookup) ? this.#lookup.copyValue() : undefined;
  }

  #cursor(bounds: RangeBounds): Cursor {
    this.#commits.keepsOrder = true;
    return this.#tree.cursor(bounds);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw storeClosed();
  }
}

function storeClosed(): StoreError {
  return new StoreError('store-closed', 'the store is closed', true);
}
