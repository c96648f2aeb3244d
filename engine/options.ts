/**
 * Options of a store: checked once, with defaults filled in.
 */
import { described, flag, invalidOptions, knownOptions, oneOf, wholeNumber } from './arguments.ts';
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
  /** Keep every version needed for snapshots of the last `versions` commits. */
  readonly versions?: number;
  /** Keep every version needed for snapshots of the last `ageMs` milliseconds. */
  readonly ageMs?: number;
}

export interface OpenOptions {
  /** The store's directory; made when it does not exist. */
  readonly directory: string;
  readonly durability?: Durability;
  /** Isolation level of transactions that ask for none. Default `snapshot`. */
  readonly isolation?: Isolation;
  /** Refuse to create a store. Default false. */
  readonly mustExist?: boolean;
  /**
   * What all stores of the process together may hold in memory: caches, indexes, log segments, merges.
   * Of several that were given, the largest counts. Default: a quarter of the machine's memory, or of
   * its container's, and at most half of what is free. 64 KiB to 64 TiB.
   */
  readonly memoryBytes?: number;
  /**
   * Size of a log segment, and so of a memtable. Default 100 MB, or a twentieth of `memoryBytes` if
   * that is less. 4 KiB to 1 GiB.
   */
  readonly segmentBytes?: number;
  /** Writers wait before the segments in memory exceed this. Default 4 segments. */
  readonly maxUnflushedBytes?: number;
  /** Aimed size of a run's block. Default 8 KiB. */
  readonly blockBytes?: number;
  /** A block cache of a fixed size, beside `memoryBytes`. Default: it grows within `memoryBytes`. */
  readonly cacheBytes?: number;
  /** Compress runs that were merged at least once, the cold ones. Default `none`. */
  readonly compression?: 'none' | 'zstd';
  /** Runs of a tier that are merged into one of the next. Default 16. */
  readonly fanIn?: number;
  readonly retain?: Retention;
  /** Bytes of log between checkpoints. Default: only when a segment is full. */
  readonly checkpointEveryBytes?: number;
}

type Unset = 'cacheBytes' | 'memoryBytes';

export type Settings = Required<Omit<OpenOptions, Unset>> & {
  /** `undefined`: within the budget. */
  readonly cacheBytes: number | undefined;
  readonly memoryBytes: number | undefined;
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
  memoryBytes: true,
  compression: true,
  fanIn: true,
  retain: true,
  checkpointEveryBytes: true,
};
const MOST = Number.MAX_SAFE_INTEGER;

const SEGMENT_BYTES = 100_000_000;
const SEGMENT_MIN_BYTES = 4096;
/** Of the budget, for one segment: those in memory leave room for a cache. */
const SEGMENT_SHARE = 1 / 20;

/** The budget of all stores of the process, given what one more store asks for. */
export type BudgetFor = (memoryBytes: number | undefined) => number;

const withoutOthers: BudgetFor = (memoryBytes = MOST) => memoryBytes;

/** Settings in memory of their own: each option is read once. Throws StoreError `invalid-options`. */
export function checkOptions(options: OpenOptions, budgetFor = withoutOthers): Settings {
  const {
    directory,
    durability = 'sync',
    isolation = 'snapshot',
    mustExist = false,
    segmentBytes: askedBytes,
    maxUnflushedBytes: askedUnflushedBytes,
    blockBytes = 8192,
    cacheBytes: askedCacheBytes,
    memoryBytes: askedMemoryBytes,
    compression = 'none',
    fanIn = 16,
    retain = {},
    checkpointEveryBytes = MOST,
  } = knownOptions(options, KNOWN, 'options');
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw invalidOptions(`directory is ${described(directory)}, not a path`);
  }
  const memoryBytes = ifGiven(askedMemoryBytes, (asked) =>
    wholeNumber('memoryBytes', asked, 2 ** 16, 2 ** 46),
  );
  const share = Math.floor(SEGMENT_SHARE * budgetFor(memoryBytes));
  const usual = Math.min(SEGMENT_BYTES, Math.max(SEGMENT_MIN_BYTES, share));
  const bytes = wholeNumber(
    'segmentBytes',
    askedBytes === undefined ? usual : askedBytes,
    1,
    MAX_SEGMENT_BYTES,
  );
  const segmentBytes = alignUp(bytes, 4096);
  const maxUnflushedBytes = wholeNumber(
    'maxUnflushedBytes',
    askedUnflushedBytes === undefined ? 4 * segmentBytes : askedUnflushedBytes,
    2 * segmentBytes,
    MOST,
  );
  if (memoryBytes !== undefined && 2 * maxUnflushedBytes > memoryBytes) {
    throw invalidOptions(
      `memoryBytes is ${memoryBytes}, below twice maxUnflushedBytes, which is ${maxUnflushedBytes}`,
    );
  }
  return {
    directory: directory.replace(/\/+$/, '') || '/',
    durability: checkDurability(durability),
    isolation: oneOf('isolation', isolation, ['snapshot', 'serializable']),
    mustExist: flag('mustExist', mustExist),
    segmentBytes,
    maxUnflushedBytes,
    blockBytes: wholeNumber('blockBytes', blockBytes, 512, 1 << 20),
    cacheBytes: ifGiven(askedCacheBytes, (asked) => wholeNumber('cacheBytes', asked, 0, 2 ** 40)),
    memoryBytes,
    compression: oneOf('compression', compression, ['none', 'zstd']),
    fanIn: wholeNumber('fanIn', fanIn, 2, 64),
    retain: checkRetention(retain),
    checkpointEveryBytes: wholeNumber('checkpointEveryBytes', checkpointEveryBytes, 1, MOST),
  };
}

function ifGiven<T>(value: T | undefined, check: (given: T) => number): number | undefined {
  return value === undefined ? undefined : check(value);
}

function checkDurability(durability: Durability): Durability {
  if (typeof durability !== 'object') {
    return oneOf('durability', durability, ['sync', 'none'] as const);
  }
  const { intervalMs } = knownOptions(durability, { intervalMs: true }, 'the durability');
  return Object.freeze({ intervalMs: wholeNumber('intervalMs', intervalMs, 1, 3_600_000) });
}

function checkRetention(retain: Retention): Retention {
  const known = { versions: true, ageMs: true } as const;
  const { versions, ageMs } = knownOptions(retain, known, 'what to retain');
  return Object.freeze({
    ...(versions !== undefined && { versions: wholeNumber('versions', versions, 0, MOST) }),
    ...(ageMs !== undefined && { ageMs: wholeNumber('ageMs', ageMs, 0, MOST) }),
  });
}
