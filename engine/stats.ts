/** Statistics of an open store, for people and for metrics. Bytes and counts. */
import type { Maintenance } from './compaction/maintenance.ts';
import type { SafePoint } from './mvcc/safe-point.ts';
import type { StoreMemory } from './store-memory.ts';
import type { Tree } from './tree.ts';
import type { Log } from './wal/log.ts';

export interface StoreStats {
  readonly lastTimestamp: number;
  readonly durableTimestamp: number;
  readonly safePoint: number;
  readonly openSnapshots: number;
  readonly syncs: number;
  readonly unflushedBytes: number;
  readonly runs: number;
  readonly runBytes: number;
  readonly runRecords: number;
  /** Of runs and memtables; those of small runs lie in the cache's memory. */
  readonly indexBytes: number;
  /** Log segments, indexes and cache: what the store holds in memory, but for `workBytes`. */
  readonly memoryBytes: number;
  /** Working memory of flushes and merges, including what is kept for the next. */
  readonly workBytes: number;
  /** Memory limit of all stores of the process together, besides caches of a fixed size. */
  readonly memoryLimitBytes: number;
  readonly cacheBytes: number;
  /** Largest size the cache may grow to. */
  readonly cacheLimitBytes: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly failedProbes: number;
  /** Length of the longest unsuccessful probe of the current memtables and runs, in slots. */
  readonly longestProbe: number;
  readonly flushes: number;
  readonly flushedBytes: number;
  readonly compactions: number;
  readonly compactedBytes: number;
  /** Waits of writers for room: their number, total and longest duration. */
  readonly stalls: number;
  readonly stallMs: number;
  readonly longestStallMs: number;
  /** Why the store refuses writes, if it does. */
  readonly logFailure: string | undefined;
  /** Why flushing or merging has stopped, if it has. */
  readonly maintenanceFailure: string | undefined;
}

export function storeStats(
  log: Log,
  tree: Tree,
  memory: StoreMemory,
  safePoint: SafePoint,
  maintenance: Maintenance,
): StoreStats {
  const segments = [...tree.sealed, log.active];
  const sum = <T>(items: readonly T[], of: (item: T) => number) =>
    items.reduce((total, item) => total + of(item), 0);
  const { failure } = maintenance;
  const { cache } = memory;
  return {
    lastTimestamp: log.lastLsn,
    durableTimestamp: log.durableLsn,
    safePoint: safePoint.floor,
    openSnapshots: safePoint.openSnapshots,
    syncs: log.syncCount,
    unflushedBytes: sum(segments, (s) => (s.isFlushed ? 0 : s.usedBytes)),
    runs: tree.runs.length,
    runBytes: sum(tree.runs, (run) => run.meta.bytes),
    runRecords: sum(tree.runs, (run) => run.meta.records),
    indexBytes: memory.indexBytes,
    memoryBytes: memory.fixedBytes() - maintenance.workBytes + cache.memoryBytes,
    workBytes: maintenance.workBytes,
    memoryLimitBytes: memory.limitBytes,
    cacheBytes: cache.usedBytes,
    cacheLimitBytes: cache.mostBytes,
    cacheHits: cache.hits,
    cacheMisses: cache.misses,
    failedProbes: sum(tree.runs, (run) => run.failedProbes),
    longestProbe: Math.max(
      ...tree.runs.map((run) => run.longestProbe),
      ...segments.map(({ memtable }) => memtable.longestProbe),
    ),
    flushes: maintenance.flushes,
    flushedBytes: maintenance.flushedBytes,
    compactions: maintenance.compactions,
    compactedBytes: maintenance.compactedBytes,
    stalls: maintenance.stalls,
    stallMs: maintenance.stallMs,
    longestStallMs: maintenance.longestStallMs,
    logFailure: log.failure === undefined ? undefined : String(log.failure),
    maintenanceFailure: failure === undefined ? undefined : String(failure),
  };
}
