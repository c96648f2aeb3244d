/**
 * Reading the log: every frame of the segments that a manifest names, in order, up to the torn tail.
 *
 * The last segment is read first, and each from its end to its start, so that a log which grows
 * meanwhile looks like one that was cut off, and never like one with a hole.
 */
import type { Disk } from '../env/disk.ts';
import { corruption, StoreError } from '../errors.ts';
import { alignUp } from '../format/bytes.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import { logFileName, type SegmentId, segmentHeaderFault, segmentSeed } from '../wal/log-format.ts';
import { type ScannedFrame, type SegmentScan, scanSteps } from '../wal/log-reader.ts';
import type { ReplayedSegment } from './replay.ts';

const SECTOR_MAX_BYTES = 4096;
const READ_BYTES = 4 * 1024 * 1024;

interface Place {
  readonly path: string;
  readonly offset: number;
}

interface ScannedSegment {
  readonly id: SegmentId;
  readonly bytes: Uint8Array;
  readonly scan: SegmentScan;
  readonly path: string;
}

export interface LogContent {
  readonly segments: readonly ReplayedSegment[];
  readonly lastLsn: number;
  /** Commits up to this lsn are known to be durable. */
  readonly durableLsn: number;
  readonly discardedFrames: number;
}

/** Throws StoreError `corruption`, `format-newer` or `format-foreign`. */
export function readLog(disk: Disk, directory: string, state: ManifestState): LogContent {
  const steps = readLogSteps(disk, directory, state);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `readLog`, a few milliseconds a step. */
export function* readLogSteps(
  disk: Disk,
  directory: string,
  state: ManifestState,
): Generator<undefined, LogContent, void> {
  const scans: ScannedSegment[] = [];
  for (const id of [...state.segments].reverse()) {
    const bytes = yield* readSegment(disk, directory, state.storeId, id);
    const scan = yield* scanSteps(bytes, id.number, segmentSeed(state.storeId, id));
    scans.unshift({ id, bytes, scan, path: `${directory}/${logFileName(id.number)}` });
  }
  const durable = Math.max(state.durableLsn, ...scans.map(({ scan }) => scan.durableMark));
  const segments: ReplayedSegment[] = [];
  let lastLsn = state.flushedLsn;
  let discardedFrames = 0;
  let torn: Place | undefined;
  let end: Place | undefined;
  for (const { id, bytes, scan, path } of scans) {
    const frames: ScannedFrame[] = [];
    for (const frame of scan.frames) {
      const follows = frame.entries > 0 ? frame.previousLsn === lastLsn : frame.lsn === lastLsn;
      if (!follows)
        torn ??= frames.length === 0 && end !== undefined ? end : { path, offset: frame.offset };
      if (torn !== undefined) {
        discardedFrames++;
        continue;
      }
      frames.push(frame);
      lastLsn = frame.lsn;
    }
    discardedFrames += scan.framesBehind;
    end = { path, offset: scan.endOffset };
    if (scan.framesBehind > 0) torn ??= end;
    segments.push({ id, bytes, frames });
  }
  if (lastLsn < durable) {
    const place = torn ?? end ?? { path: directory, offset: 0 };
    const what = `commits up to ${durable} were durable, and the log ends at ${lastLsn}`;
    throw corruption(place.path, place.offset, what);
  }
  return { segments, lastLsn, durableLsn: durable, discardedFrames };
}

function* readSegment(
  disk: Disk,
  directory: string,
  storeId: string,
  id: SegmentId,
): Generator<undefined, Uint8Array, void> {
  const name = logFileName(id.number);
  const path = `${directory}/${name}`;
  if (!disk.list(directory).includes(name)) {
    throw corruption(path, 0, 'the manifest names this log segment, and it is missing');
  }
  const bytes = yield* readDirectly(disk, path);
  const fault = segmentHeaderFault(bytes, storeId, id);
  if (fault === undefined) return bytes;
  const { kind } = fault;
  if (kind === 'damage' || kind === 'cut') throw corruption(path, 0, fault.what);
  throw new StoreError(`format-${kind}`, `${path}: ${fault.what}`, true, { file: path });
}

/** Past the system's cache: the file will be reused, and what was read through it lies in large pages. */
function* readDirectly(disk: Disk, path: string): Generator<undefined, Uint8Array, void> {
  const file = disk.open(path, 'read-direct');
  try {
    const size = disk.size(file);
    const bytes = disk.allocate(alignUp(size, SECTOR_MAX_BYTES));
    let start = alignUp(size, READ_BYTES);
    let got = 0;
    while (start > 0) {
      start -= READ_BYTES;
      const target = bytes.subarray(start, Math.min(start + READ_BYTES, bytes.length));
      got = Math.max(got, start + disk.readAt(file, target, start));
      if (start > 0) yield;
    }
    return bytes.subarray(0, got);
  } finally {
    disk.close(file);
  }
}
