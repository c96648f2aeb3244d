/** The dependencies of flushing and merging, passed once by the database. */
import type { Env } from '../env/env.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { SafePoint } from '../mvcc/safe-point.ts';
import type { TimeMap } from '../mvcc/time-map.ts';
import type { Settings } from '../options.ts';
import type { StoreMemory } from '../store-memory.ts';
import type { Tree } from '../tree.ts';
import type { Log } from '../wal/log.ts';
import type { SegmentPool } from '../wal/segment-pool.ts';

export interface MaintenanceParts {
  readonly env: Env;
  readonly settings: Settings;
  readonly manifest: Manifest;
  readonly pool: SegmentPool;
  readonly log: Log;
  readonly tree: Tree;
  readonly memory: StoreMemory;
  readonly safePoint: SafePoint;
  readonly times: TimeMap;
  visibleLsn(): number;
}
