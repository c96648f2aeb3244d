/**
 * Repairs the log: makes every segment that the manifest names readable, and keeps what its chain of
 * whole frames holds.
 *
 * A segment's header says only what the manifest says too, and frames are checked without it, so a
 * lost header is written anew and costs nothing. A segment that is missing is made again, empty.
 */
import type { Disk } from '../env/disk.ts';
import { StoreError } from '../errors.ts';
import { alignUp } from '../format/bytes.ts';
import { readWhole } from '../manifest/manifest.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import {
  encodeSegmentHeader,
  logFileName,
  type SegmentId,
  segmentHeaderFault,
  segmentSeed,
} from '../wal/log-format.ts';
import { scanSegment } from '../wal/log-reader.ts';

/** Segments are made of whole pages. */
const PAGE_BYTES = 4096;

/**
 * Cuts the log where its chain of frames ends, by wiping what lies behind, and answers the lsn it
 * ends at. Segments behind the cut are emptied. Durable after: what was changed.
 */
export async function repairLog(
  disk: Disk,
  directory: string,
  state: ManifestState,
  givenUp: string[],
): Promise<number> {
  let lastLsn = state.flushedLsn;
  let cut = false;
  for (const id of state.segments) {
    const segment = readSegment(disk, directory, state.storeId, id, givenUp);
    const { path, bytes } = segment;
    let { isChanged } = segment;
    const scan = scanSegment(bytes, id.number, segmentSeed(state.storeId, id));
    let end = scan.frames[0]?.offset ?? scan.endOffset;
    for (const frame of scan.frames) {
      const follows = frame.entries > 0 ? frame.previousLsn === lastLsn : frame.lsn === lastLsn;
      if (cut || !follows) break;
      lastLsn = frame.lsn;
      end = frame.offset + frame.bytes;
    }
    if (end < scan.endOffset || scan.framesBehind > 0) {
      cut = true;
      isChanged = true;
      givenUp.push(`${path}: the log behind byte ${end}, after commit ${lastLsn}`);
      bytes.fill(0, end);
    }
    if (isChanged) await rewrite(disk, path, bytes);
  }
  await disk.syncDirectory(directory);
  if (!cut && lastLsn < state.durableLsn) givenUp.push(`commits after ${lastLsn}: the log is cut`);
  return lastLsn;
}

interface Segment {
  readonly path: string;
  /** With a header that is right. */
  readonly bytes: Uint8Array;
  /** Whether the file has something else. */
  readonly isChanged: boolean;
}

function readSegment(
  disk: Disk,
  directory: string,
  storeId: string,
  id: SegmentId,
  givenUp: string[],
): Segment {
  const name = logFileName(id.number);
  const path = `${directory}/${name}`;
  const isThere = disk.list(directory).includes(name);
  const found = isThere ? readWhole(disk, path) : new Uint8Array(0);
  const fault = segmentHeaderFault(found, storeId, id);
  if (fault === undefined) return { path, bytes: found, isChanged: false };
  if (fault.kind === 'newer') {
    throw new StoreError('format-newer', `${path}: ${fault.what}`, true, { file: path });
  }
  if (!isThere) givenUp.push(`${path}: the whole log segment, which is missing`);
  else if (fault.kind === 'foreign') givenUp.push(`${path}: the whole log segment; ${fault.what}`);
  else if (fault.kind === 'cut' || found.length % PAGE_BYTES !== 0) {
    givenUp.push(`${path}: what was behind byte ${found.length}`);
  }
  const bytes = new Uint8Array(alignUp(Math.max(found.length, 1), PAGE_BYTES));
  bytes.set(found);
  bytes.set(encodeSegmentHeader(storeId, id, bytes.length));
  return { path, bytes, isChanged: true };
}

async function rewrite(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const isThere = disk.list(path.slice(0, path.lastIndexOf('/'))).includes(nameOf(path));
  const file = disk.open(path, isThere ? 'write' : 'create');
  try {
    disk.writeAt(file, bytes, 0);
    await disk.sync(file);
  } finally {
    disk.close(file);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
