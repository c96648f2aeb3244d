/**
 * Recovery: from what a crash left to a store that can serve, in this order:
 *
 * 1. Read the manifest. None, and no other files: a new store. None, but files: damage.
 * 2. Read every segment it names; collect the highest durable mark of them all.
 * 3. Walk the frames in order, each naming the one before. Where the chain ends, either everything
 *    up to the highest mark was seen, and the rest is a torn tail, or not, and it is damage.
 * 4. Copy the replayed frames into fresh segments of a new generation and sync them, so that what
 *    is served next does not depend on bytes that only the page cache had. Where there is no room for
 *    all of them at once, one at a time (`copyInSteps`).
 * 5. Switch the manifest to them. Remove files that it does not name.
 *
 * A crash at any point repeats the whole from the manifest that is durable then. What fails before
 * the switch removes what it made; what a crash left is removed, or used, before anything is made, so
 * that trying again on a full disk never takes more room than the first try.
 *
 * Not told apart: damage to acknowledged frames behind the last mark that survived. On one device
 * it looks like a torn tail, and is reported as `discardedFrames` and `discardedBytes`.
 */
import type { Disk } from '../env/disk.ts';
import type { Env } from '../env/env.ts';
import { corruption, isStoreError, StoreError } from '../errors.ts';
import type { HashSecret } from '../format/keyed-hash.ts';
import { Manifest, readManifest, writeManifest } from '../manifest/manifest.ts';
import { MANIFEST_NAME, type ManifestState } from '../manifest/manifest-format.ts';
import { isLogOrRun, unnamedFiles } from '../manifest/named-files.ts';
import { withGap } from '../mvcc/lsn-gaps.ts';
import { TimeMap } from '../mvcc/time-map.ts';
import type { Settings } from '../options.ts';
import { runFileNumber } from '../run/run-format.ts';
import { APP_VERSION } from '../version.ts';
import { logFileNumber, type SegmentId } from '../wal/log-format.ts';
import type { LogSegment } from '../wal/segment.ts';
import { SegmentPool } from '../wal/segment-pool.ts';
import { copyInSteps } from './copy-in-steps.ts';
import { readLog } from './read-log.ts';
import { copyFrames } from './replay.ts';

/** An unclean open skips this many lsns, so that no lsn a lost commit had is ever used again. */
const LSN_GAP = 2 ** 24;

export interface RecoveryReport {
  readonly createdStore: boolean;
  readonly cleanShutdown: boolean;
  readonly replayedCommits: number;
  readonly replayedBytes: number;
  /** Whole frames after the torn one that were discarded with it. */
  readonly discardedFrames: number;
  readonly lastLsn: number;
  readonly durationMs: number;
}

export interface Recovered {
  readonly manifest: Manifest;
  readonly pool: SegmentPool;
  /** Fresh segments, oldest first; the last is the active one. At least one. */
  readonly segments: readonly LogSegment[];
  readonly lastLsn: number;
  readonly nextLsn: number;
  readonly times: TimeMap;
  readonly report: RecoveryReport;
}

export async function recover(env: Env, settings: Settings): Promise<Recovered> {
  const { disk, clock } = env;
  const { directory, segmentBytes } = settings;
  const began = clock.monotonicMs();
  const found = readManifest(disk, directory);
  const state = found ?? (await createStore(env, settings));
  const log = readLog(disk, directory, state);
  // Samples of commits that the crash took are dropped.
  const times = new TimeMap(state.clockSamples.filter(([, lsn]) => lsn <= log.lastLsn));
  for (const { frames } of log.segments) {
    for (const frame of frames) times.record(frame.wallMs, frame.lsn);
  }
  times.reach(log.lastLsn, clock.wallMs());

  const hashSecret = secretOf(env, state);
  const generation = state.generation + 1;
  const used = disk.list(directory).map((name) => logFileNumber(name) ?? runFileNumber(name) ?? 0);
  let nextNumber = Math.max(state.nextNumber, ...used.map((number) => number + 1));
  const identity = {
    directory,
    storeId: state.storeId,
    hashSeed: state.hashSeed,
    hashSecret,
    segmentBytes,
  };
  const pool = new SegmentPool(disk, identity, state.spares);
  await clearUnnamed(disk, directory, state, pool);
  const made: LogSegment[] = [];
  const create = async (size: number) => {
    const segment = await pool.create({ number: nextNumber++, generation }, size);
    made.push(segment);
    return segment;
  };
  const clean = found === undefined || state.cleanShutdown;
  const lastLsn = Math.max(log.lastLsn, state.lastLsn);
  const nextLsn = lastLsn + (clean ? 1 : LSN_GAP);
  const gapsAbove = state.lsnGaps.filter(([, next]) => next > state.safePoint);
  const manifest = new Manifest(disk, directory, state);
  let freed: readonly SegmentId[] = [];
  const switchTo = async (segments: readonly LogSegment[]) => {
    await pool.settle(segments);
    freed = manifest.state.segments;
    await manifest.apply(() => ({
      appVersion: APP_VERSION,
      hashSecret,
      generation,
      nextNumber,
      lastLsn: nextLsn - 1,
      lsnGaps: withGap(gapsAbove, log.lastLsn, nextLsn),
      durableLsn: log.lastLsn,
      segments: segments.map((segment) => segment.id),
      spares: [],
      cleanShutdown: false,
      clockSamples: times.samples,
    }));
    return segments;
  };
  const isNamed = (number: number) => manifest.state.segments.some((id) => id.number === number);
  const undo = () => {
    for (const segment of made.splice(0)) {
      if (manifest.isInDoubt || isNamed(segment.id.number)) disk.close(segment.file);
      else pool.discard(segment);
    }
  };
  let segments: readonly LogSegment[];
  try {
    const atLeast = (bytes: number) => create(Math.max(segmentBytes, bytes));
    segments = await copyFrames(log.segments, state.flushedLsn, log.lastLsn, atLeast)
      .then(switchTo)
      .catch(async (error: unknown) => {
        if (!isStoreError(error, 'disk-full') || manifest.isInDoubt) throw error;
        undo();
        const numbers = () => ({ generation, nextNumber });
        return switchTo(await copyInSteps({ manifest, pool, log, segmentBytes, numbers, create }));
      });
  } catch (error) {
    undo();
    throw error;
  }
  pool.adopt(freed.map(({ number }) => number).filter((number) => !isNamed(number)));
  try {
    removeUnnamed(disk, directory, manifest.state, pool);
  } catch {
    // The store is open; the next recovery removes them.
  }
  const frames = log.segments.flatMap((segment) => segment.frames);
  return {
    manifest,
    pool,
    segments,
    lastLsn: log.lastLsn,
    nextLsn,
    times,
    report: {
      createdStore: found === undefined,
      cleanShutdown: found?.cleanShutdown ?? false,
      replayedCommits: frames.filter((frame) => frame.entries > 0).length,
      replayedBytes: frames.reduce((sum, frame) => sum + frame.bytes, 0),
      discardedFrames: log.discardedFrames,
      lastLsn: log.lastLsn,
      durationMs: clock.monotonicMs() - began,
    },
  };
}

/** The store's hash secret; drawn for a store of an older format without one. */
function secretOf({ random }: Env, { hashSecret }: ManifestState): HashSecret {
  const [low, high] = hashSecret;
  return low === 0 && high === 0 ? [random.nextUint32(), random.nextUint32()] : hashSecret;
}

/** Throws StoreError `store-missing` where there is no file of a store; makes nothing. */
export function refuseMissing(disk: Disk, directory: string): void {
  const isOurs = (name: string) => name === MANIFEST_NAME || isLogOrRun(name);
  if (disk.list(directory).some(isOurs)) return;
  throw new StoreError('store-missing', `there is no store in ${directory}`, true);
}

async function createStore(env: Env, settings: Settings): Promise<ManifestState> {
  const { disk, random } = env;
  const { directory } = settings;
  const files = disk.list(directory).filter(isLogOrRun);
  if (files.length > 0) {
    const what = `there are ${files.length} files of a store, ${files[0]} first, but no manifest`;
    throw corruption(`${directory}/MANIFEST`, 0, what);
  }
  if (settings.mustExist) refuseMissing(disk, directory);
  const words = Array.from({ length: 4 }, () => random.nextUint32());
  const state: ManifestState = {
    storeId: words.map((word) => word.toString(16).padStart(8, '0')).join(''),
    hashSeed: random.nextUint32(),
    hashSecret: [random.nextUint32(), random.nextUint32()],
    appVersion: APP_VERSION,
    generation: 0,
    nextNumber: 1,
    flushedLsn: 0,
    durableLsn: 0,
    lastLsn: 0,
    safePoint: 0,
    lsnGaps: [],
    segments: [],
    spares: [],
    runs: [],
    cleanShutdown: false,
    clockSamples: [],
  };
  await writeManifest(disk, directory, state);
  return state;
}

/** Cleans up after a crash: log files become spares, other files are removed. */
async function clearUnnamed(
  disk: Disk,
  directory: string,
  state: ManifestState,
  pool: SegmentPool,
): Promise<void> {
  const unnamed = unnamedFiles(disk, directory, state, pool.spares);
  if (unnamed.length === 0) return;
  // The manifest that was read may not be durable, and the one that is may name these.
  await disk.syncDirectory(directory);
  pool.adoptUnsure(unnamed.map(logFileNumber).filter((number) => number !== undefined));
  removeUnnamed(disk, directory, state, pool);
}

function removeUnnamed(
  disk: Disk,
  directory: string,
  state: ManifestState,
  { spares }: SegmentPool,
): void {
  for (const name of unnamedFiles(disk, directory, state, spares)) {
    disk.remove(`${directory}/${name}`);
  }
}
