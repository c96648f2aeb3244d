/**
 * Replay: copies the commits of old segments into fresh ones, as they were, under their own lsns.
 */
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES, type SegmentId } from '../wal/log-format.ts';
import type { ScannedFrame } from '../wal/log-reader.ts';
import type { LogSegment } from '../wal/segment.ts';

export interface ReplayedSegment {
  readonly id: SegmentId;
  readonly bytes: Uint8Array;
  readonly frames: readonly ScannedFrame[];
}

/**
 * Answers the fresh segments, the last with room for more. Every copied frame says that all
 * commits up to `lastLsn` are durable: that is true before the first of them is served.
 */
export async function copyFrames(
  sources: readonly ReplayedSegment[],
  flushedLsn: number,
  lastLsn: number,
  create: (bytesMin: number) => Promise<LogSegment>,
): Promise<LogSegment[]> {
  const segments: LogSegment[] = [];
  let previousLsn = flushedLsn;
  for (const source of sources) {
    for (const frame of source.frames) {
      if (frame.entries === 0) continue;
      const payload = payloadOf(source.bytes, frame);
      let target = segments.at(-1);
      if (target === undefined || !target.hasRoom(payload.byteLength)) {
        target = await create(SEGMENT_HEADER_BYTES + frame.bytes);
        segments.push(target);
      }
      const { lsn, wallMs } = frame;
      target.appendCommit(payload, { lsn, previousLsn, durableLsn: lastLsn, wallMs });
      previousLsn = lsn;
    }
  }
  const last = segments.at(-1);
  if (last === undefined) segments.push(await create(0));
  return segments;
}

function payloadOf(bytes: Uint8Array, frame: ScannedFrame) {
  const start = frame.offset + FRAME_HEADER_BYTES;
  const payload = bytes.subarray(start, start + frame.payloadBytes);
  return { payload, byteLength: payload.length, count: frame.entries };
}
