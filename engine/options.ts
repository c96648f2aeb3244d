/**
 * Options of a store: checked once, with defaults filled in.
 */
import { StoreError } from './errors.ts';
import type { Isolation } from './mvcc/transaction.ts';
import { MAX_SEGMENT_BYTES, MIN_SEGMENT_BYTES } from './wal/log-format.ts';

/**
 * What an acknowledged commit survives, and what a crash may take:
 *
 * | mode           | acknowledged after       | process killed | power lost                       |
 * |----------------|--------------------------|----------------|----------------------------------|
 * | `sync`         | `fdatasync` of its bytes | nothing lost   | nothing lost                     |
 * | `{intervalMs}` | handed to the system     | nothing lost   | the last `intervalMs` + one sync |
 * | `none`         | handed to the system     | nothing lost   | all since the last checkpoint    |
 *
 * In every mode what remains is a prefix of the commits, in their order.
 */
export type Durability = 'sync' | 'none' | { readonly intervalMs: number };

export interface Retention {
  /** Keep every version needed for snapshots of the last so many commits. */
  readonly versions?: number;
  /** Keep every version needed for snapshots of the last so many milliseconds. */
  readonly ageMs?: number;
}

export interface OpenOptions {
  /** The store's directory; made when it does not exist. */
  readonly directory: string;
  readonly durability?: Durability;
  /** What transactions give unless they ask for another. Default `snapshot`. */
  readonly isolation?: Isolation;
  /** Refuse to make a new store where there is none. Default false. */
  readonly mustExist?: boolean;
  /** Size of a log segment, and so of a memtable. Default 100 MB, 4 KiB to 1 GiB. */
  readonly segmentBytes?: number;
  /** Writers wait before the segments in memory exceed this. Default 4 segments. */
  readonly maxUnflushedBytes?: number;
  /** Aimed size of a run's block. Default 8 KiB. */
  readonly blockBytes?: number;
  /** Limit of the block cache. Default 256 MiB. */
  readonly cacheBytes?: number;
  /** Compress runs that were merged at least once, the cold ones. Default `none`. */
  readonly compression?: 'none' | 'zstd';
  /** Runs of a tier that are merged into one of the next. Default 16. */
  readonly fanIn?: number;
  readonly retain?: Retention;
  /** Checkpoint after so many bytes of log. Default: only when a segment is full. */
  readonly checkpointEveryBytes?: number;
}

export type Settings = Required<Omit<OpenOptions, 'checkpointEveryBytes'>> & {
  readonly checkpointEveryBytes: number;
};

export function checkOptions(options: OpenOptions): Settings {
  if (options.directory === '') throw invalid('directory is empty');
  const segmentBytes = Math.ceil((options.segmentBytes ?? 100_000_000) / 4096) * 4096;
  inRange('segmentBytes', segmentBytes, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
  const maxUnflushedBytes = options.maxUnflushedBytes ?? 4 * segmentBytes;
  if (maxUnflushedBytes < 2 * segmentBytes) {
    throw invalid(`maxUnflushedBytes is ${maxUnflushedBytes}, below two segments`);
  }
  const durability = options.durability ?? 'sync';
  if (typeof durability === 'object') inRange('intervalMs', durability.intervalMs, 1, 3_600_000);
  else if (durability !== 'sync' && durability !== 'none') {
    throw invalid(`durability is ${String(durability)}, not sync, none or {intervalMs}`);
  }
  const isolation = options.isolation ?? 'snapshot';
  if (isolation !== 'snapshot' && isolation !== 'serializable') {
    throw invalid(`isolation is ${String(isolation)}, not snapshot or serializable`);
  }
  const compression = options.compression ?? 'none';
  if (compression !== 'none' && compression !== 'zstd') {
    throw invalid(`compression is ${String(compression)}, not none or zstd`);
  }
  return {
    directory: options.directory.replace(/\/+$/, '') || '/',
    durability,
    isolation,
    mustExist: options.mustExist ?? false,
    segmentBytes,
    maxUnflushedBytes,
    blockBytes: inRange('blockBytes', options.blockBytes ?? 8192, 512, 1 << 20),
    cacheBytes: inRange('cacheBytes', options.cacheBytes ?? 256 * 2 ** 20, 0, 2 ** 40),
    compression,
    fanIn: inRange('fanIn', options.fanIn ?? 16, 2, 64),
    retain: options.retain ?? {},
    checkpointEveryBytes: options.checkpointEveryBytes ?? Number.MAX_SAFE_INTEGER,
  };
}

function invalid(what: string): StoreError {
  return new StoreError('invalid-options', `invalid options: ${what}`, true);
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (Number.isFinite(value) && value >= low && value <= high) return value;
  throw invalid(`${name} is ${value}, not between ${low} and ${high}`);
}
