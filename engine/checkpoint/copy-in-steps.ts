/**
 * Copying the log on a full disk: one segment at a time into a spare, each under a manifest of its own,
 * so that the segment that was copied is the spare for the next.
 *
 * 1. Each manifest names a whole log: copies of its first segments, and the rest as they were. A crash
 *    between any two steps leaves a store that recovers like any other.
 * 2. A copied frame says that what was copied so far is durable, and no more: the rest of the log may
 *    lie in the system's cache only.
 * 3. Copies are as large as what they are copied from, whatever `segmentBytes` is by now.
 */
import type { Manifest } from '../manifest/manifest.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import type { LogSegment } from '../wal/segment.ts';
import type { SegmentPool } from '../wal/segment-pool.ts';
import { copyFrames, type ReplayedSegment } from './replay.ts';

export interface StepwiseCopy {
  readonly manifest: Manifest;
  readonly pool: SegmentPool;
  readonly log: { readonly segments: readonly ReplayedSegment[]; readonly durableLsn: number };
  readonly segmentBytes: number;
  create(size: number): Promise<LogSegment>;
  /** The file numbers in use so far, for each manifest. */
  numbers(): Pick<ManifestState, 'generation' | 'nextNumber'>;
}

/** Answers the copies, the last with room for more. Requires: a spare, or a segment without commits. */
export async function copyInSteps(parts: StepwiseCopy): Promise<readonly LogSegment[]> {
  const { manifest, pool, log, create } = parts;
  const sources = log.segments.filter(({ frames }) => frames.some(({ entries }) => entries > 0));
  const copies: LogSegment[] = [];
  let copiedLsn = manifest.state.flushedLsn;
  const name = async (rest: readonly ReplayedSegment[]) => {
    const segments = [...copies, ...rest].map(({ id }) => id);
    const named = new Set(segments.map(({ number }) => number));
    const before = manifest.state.segments.map(({ number }) => number);
    await manifest.apply(({ durableLsn }) => ({
      ...parts.numbers(),
      segments,
      durableLsn: Math.max(durableLsn, log.durableLsn, copiedLsn),
    }));
    pool.adopt(before.filter((number) => !named.has(number)));
  };
  if (sources.length < log.segments.length) await name(sources);
  for (const [i, source] of sources.entries()) {
    const lastLsn = source.frames.at(-1)!.lsn;
    const copy = await copyFrames([source], copiedLsn, lastLsn, () => create(source.bytes.length));
    await pool.settle(copy);
    copies.push(...copy);
    copiedLsn = lastLsn;
    await name(sources.slice(i + 1));
  }
  if (copies.length === 0) copies.push(await create(parts.segmentBytes));
  return copies;
}
