/** Verifies one run, block by block; see verify.ts for what is checked. */
import type { Disk, DiskFile } from '../env/disk.ts';
import { compareRange, copyRange } from '../format/bytes.ts';
import { KeyHasher } from '../format/hash.ts';
import { type HashSeeds, SecretHasher } from '../format/keyed-hash.ts';
import { blockFault, eachRecord } from '../run/block.ts';
import { plainBlock } from '../run/packed-block.ts';
import { EMPTY_SLOT, firstSlot, slotBlock, slotPlace } from '../run/point-index.ts';
import { recordCheck } from '../run/record-check.ts';
import {
  blockSeed,
  checkBytesOf,
  RECORD_HEADER_BYTES,
  type RunMeta,
  recordBytes,
} from '../run/run-format.ts';
import { blockOffset, type PointIndex, readBlockIndex, readPoints } from '../run/run-index.ts';
import { hexOf, type RunSpan } from '../run/run-span.ts';
import { slabOver } from '../run/slab.ts';
import type { Problem } from './problem.ts';

interface Position {
  key: Uint8Array;
  lsn: number;
  /** The run's first key, and whether it has one version of each so far, and no tombstone. */
  first: Uint8Array | undefined;
  isPlain: boolean;
}

export interface VerifiedRun {
  readonly blocks: number;
  readonly records: number;
}

/** Adds to `problems`; throws StoreError `corruption` when footer or indexes are damaged. */
export function verifyRun(
  disk: Disk,
  path: string,
  meta: RunMeta,
  seeds: HashSeeds,
  problems: Problem[],
): VerifiedRun {
  const steps = verifyRunSteps(disk, path, meta, seeds, problems);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `verifyRun`, a block a step. */
export function* verifyRunSteps(
  disk: Disk,
  path: string,
  meta: RunMeta,
  { hashSeed, hashSecret }: HashSeeds,
  problems: Problem[],
): Generator<undefined, VerifiedRun, void> {
  const file = disk.open(path, 'read');
  try {
    const index = readBlockIndex(disk, file, meta);
    const points = readPoints(disk, file, index);
    const hasher = points.keyed ? new SecretHasher(hashSecret) : new KeyHasher(hashSeed);
    const { footer } = index;
    const last: Position = { key: new Uint8Array(0), lsn: 0, first: undefined, isPlain: true };
    let records = 0;
    for (let number = 0; number < footer.blocks; number++) {
      const offset = blockOffset(index, number);
      const stored = readBytes(disk, file, offset, blockOffset(index, number + 1));
      const fault = blockFault(stored, meta.number, number);
      const bytes = fault === undefined ? plainBlock(stored, path, offset) : stored;
      if (fault === undefined) {
        const isChecked = checkBytesOf(footer.format) > 0;
        const check = { bytes, number, meta, points, hasher, isChecked };
        recordFaults(check, last, (what) => problems.push({ file: path, offset, what }));
      } else problems.push({ file: path, offset, what: fault });
      yield;
      records += new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
    }
    if (meta.span !== undefined && problems.length === 0) {
      const what = spanFault(meta.span, last);
      if (what !== undefined) problems.push({ file: path, offset: 0, what });
    }
    if (records !== meta.records && problems.length === 0) {
      const what = `it has ${records} records, the manifest says ${meta.records}`;
      problems.push({ file: path, offset: 0, what });
    }
    return { blocks: footer.blocks, records: meta.records };
  } finally {
    disk.close(file);
  }
}

/** Reads and merges believe what the manifest says of a run's keys. */
function spanFault([first, last]: RunSpan, found: Position): string | undefined {
  if (!found.isPlain) return 'the manifest states a span, and it has old versions or tombstones';
  if (first === hexOf(found.first ?? found.key) && last === hexOf(found.key)) return undefined;
  return 'its first or last key is not the one that the manifest states';
}

function readBytes(disk: Disk, file: DiskFile, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  return bytes.subarray(0, disk.readAt(file, bytes, start));
}

interface BlockCheck {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly meta: RunMeta;
  readonly points: PointIndex;
  readonly hasher: KeyHasher | SecretHasher;
  /** Whether its records have checks of their own. */
  readonly isChecked: boolean;
}

/** Order, lsns and index slots of the records of one whole block. Moves `last` along. */
function recordFaults(check: BlockCheck, last: Position, found: (what: string) => void): void {
  const { bytes, number, meta } = check;
  const { words } = slabOver(bytes);
  const seed = blockSeed(meta.number, number);
  let i = -1;
  eachRecord(bytes, ({ place, keyLength, valueLength, lsn, isTombstone }) => {
    i++;
    const end = (place + recordBytes(keyLength, valueLength)) >> 2;
    if (check.isChecked && words[end] !== recordCheck(words, place >> 2, end, seed)) {
      found(`record ${i} of block ${number} does not match its own check`);
    }
    const keyOffset = place + RECORD_HEADER_BYTES;
    const order = compareRange(bytes, keyOffset, keyLength, last.key, 0, last.key.length);
    if (order < 0 || (order === 0 && lsn >= last.lsn)) {
      found(`record ${i} of block ${number} is out of order`);
    }
    if (lsn < meta.minLsn || lsn > meta.maxLsn) {
      found(`record ${i} of block ${number} has lsn ${lsn}, outside the run's range`);
    }
    if (order !== 0) {
      if (!isIndexed(check, place, keyLength)) {
        found(`record ${i} of block ${number} is missing in the point index`);
      }
      last.key = copyRange(bytes, keyOffset, keyLength);
      last.first ??= last.key;
    }
    if (order === 0 || isTombstone) last.isPlain = false;
    last.lsn = lsn;
  });
}

function isIndexed({ bytes, number, points, hasher }: BlockCheck, at: number, length: number) {
  const { slots, placeBits } = points;
  const capacity = slots.length / 2;
  hasher.take(bytes, at + RECORD_HEADER_BYTES, length);
  let slot = firstSlot(hasher.hash, capacity);
  for (let probes = 0; probes < capacity; probes++) {
    const high = slots[2 * slot]!;
    const low = slots[2 * slot + 1]!;
    if (low === EMPTY_SLOT) return false;
    const isHere = slotBlock(high, low, placeBits) === number && slotPlace(low, placeBits) === at;
    if (isHere && high >>> 8 === hasher.fingerprint) return true;
    slot = slot + 1 === capacity ? 0 : slot + 1;
  }
  return false;
}
