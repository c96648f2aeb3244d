/**
 * Options of a store: checked once, with defaults filled in.
 */
import {
  described,
  flag,
  invalidOptions,
  oneOf,
  refuseUnknownOptions,
  wholeNumber,
} from './arguments.ts';
import { alignUp } from './format/bytes.ts';
import type { Isolation } from './mvcc/transaction.ts';
import { MAX_SEGMENT_BYTES } from './wal/log-format.ts';

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

const KNOWN: Readonly<Record<keyof OpenOptions, true>> = {
  directory: true,
  durability: true,
  isolation: true,
  mustExist: true,
  segmentBytes: true,
  maxUnflushedBytes: true,
  blockBytes: true,
  cacheBytes: true,
  compression: true,
  fanIn: true,
  retain: true,
  checkpointEveryBytes: true,
};
const MOST = Number.MAX_SAFE_INTEGER;

/** Settings in memory of their own: each option is read once. Throws StoreError `invalid-options`. */
export function checkOptions(options: OpenOptions): Settings {
  refuseUnknownOptions(options, KNOWN, 'options');
  const {
    directory,
    durability = 'sync',
    isolation = 'snapshot',
    mustExist = false,
    segmentBytes: askedBytes = 100_000_000,
    maxUnflushedBytes: askedUnflushedBytes,
    blockBytes = 8192,
    cacheBytes = 256 * 2 ** 20,
    compression = 'none',
    fanIn = 16,
    retain = {},
    checkpointEveryBytes = MOST,
  } = options;
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw invalidOptions(`directory is ${described(directory)}, not a path`);
  }
  const bytes = wholeNumber('segmentBytes', askedBytes, 1, MAX_SEGMENT_BYTES);
  const segmentBytes = alignUp(bytes, 4096);
  const maxUnflushedBytes = wholeNumber(
    'maxUnflushedBytes',
    askedUnflushedBytes === undefined ? 4 * segmentBytes : askedUnflushedBytes,
    2 * segmentBytes,
    MOST,
  );
  return {
    directory: directory.replace(/\/+$/, '') || '/',
    durability: checkDurability(durability),
    isolation: oneOf('isolation', isolation, ['snapshot', 'serializable']),
    mustExist: flag('mustExist', mustExist),
    segmentBytes,
    maxUnflushedBytes,
    blockBytes: wholeNumber('blockBytes', blockBytes, 512, 1 << 20),
    cacheBytes: wholeNumber('cacheBytes', cacheBytes, 0, 2 ** 40),
    compression: oneOf('compression', compression, ['none', 'zstd']),
    fanIn: wholeNumber('fanIn', fanIn, 2, 64),
    retain: checkRetention(retain),
    checkpointEveryBytes: wholeNumber('checkpointEveryBytes', checkpointEveryBytes, 1, MOST),
  };
}

function checkDurability(durability: Durability): Durability {
  if (typeof durability !== 'object') {
    return oneOf('durability', durability, ['sync', 'none'] as const);
  }
  refuseUnknownOptions(durability, { intervalMs: true }, 'the durability');
  return Object.freeze({
    intervalMs: wholeNumber('intervalMs', durability.intervalMs, 1, 3_600_000),
  });
}

function checkRetention(retain: Retention): Retention {
  refuseUnknownOptions(retain, { versions: true, ageMs: true }, 'what to retain');
  const { versions, ageMs } = retain;
  return Object.freeze({
    ...(versions !== undefined && { versions: wholeNumber('versions', versions, 0, MOST) }),
    ...(ageMs !== undefined && { ageMs: wholeNumber('ageMs', ageMs, 0, MOST) }),
  });
}
