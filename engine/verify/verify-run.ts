/** Verifies one run, block by block; see verify.ts for what is checked. */
import type { Disk, DiskFile } from '../env/disk.ts';
import { compareRange, copyRange } from '../format/bytes.ts';
import { fingerprintKey } from '../format/hash.ts';
import {
  BLOCK_GRAIN,
  EMPTY_LOCATION,
  firstSlot,
  RECORD_BITS,
  RECORD_HEADER_BYTES,
  type RunMeta,
} from '../run/run-format.ts';
import { blockFault, readBlockIndex, readPoints } from '../run/run-reader.ts';
import type { Problem } from './problem.ts';

interface Position {
  key: Uint8Array;
  lsn: number;
}

/** Adds to `problems`; throws StoreError `corruption` when footer or indexes are damaged. */
export function verifyRun(
  disk: Disk,
  path: string,
  meta: RunMeta,
  hashSeed: number,
  problems: Problem[],
): { blocks: number; records: number } {
  const file = disk.open(path, 'read');
  try {
    const { footer, words } = readBlockIndex(disk, file, meta);
    const points = readPoints(disk, file, footer);
    const last: Position = { key: new Uint8Array(0), lsn: 0 };
    let records = 0;
    for (let number = 0; number < footer.blocks; number++) {
      const offset = words[number]! * BLOCK_GRAIN;
      const bytes = readBytes(disk, file, offset, words[number + 1]! * BLOCK_GRAIN);
      const fault = blockFault(bytes, meta.number, number);
      if (fault === undefined) {
        const check = { bytes, number, meta, points, hashSeed };
        for (const what of recordFaults(check, last)) problems.push({ file: path, offset, what });
      } else problems.push({ file: path, offset, what: fault });
      records += new DataView(bytes.buffer).getUint32(8, true);
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

function readBytes(disk: Disk, file: DiskFile, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  return bytes.subarray(0, disk.readAt(file, bytes, start));
}

interface BlockCheck {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly meta: RunMeta;
  readonly points: Uint32Array;
  readonly hashSeed: number;
}

/** Order, lsns and index slots of the records of one whole block. Moves `last` along. */
function* recordFaults(check: BlockCheck, last: Position): Generator<string> {
  const { bytes, number, meta } = check;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = view.getUint32(8, true);
  for (let i = 0; i < records; i++) {
    const place = view.getUint32(bytes.length - 4 * (i + 1), true);
    const keyOffset = place + RECORD_HEADER_BYTES;
    const keyLength = view.getUint32(place, true);
    const lsn = view.getFloat64(place + 8, true);
    const order = compareRange(bytes, keyOffset, keyLength, last.key, 0, last.key.length);
    if (order < 0 || (order === 0 && lsn >= last.lsn)) {
      yield `record ${i} of block ${number} is out of order`;
    }
    if (lsn < meta.minLsn || lsn > meta.maxLsn) {
      yield `record ${i} of block ${number} has lsn ${lsn}, outside the run's range`;
    }
    if (order !== 0) {
      if (!isIndexed(check, keyOffset, keyLength, ((number << RECORD_BITS) | i) >>> 0)) {
        yield `record ${i} of block ${number} is missing in the point index`;
      }
      last.key = copyRange(bytes, keyOffset, keyLength);
    }
    last.lsn = lsn;
  }
}

function isIndexed(check: BlockCheck, offset: number, length: number, location: number): boolean {
  const { bytes, points, hashSeed } = check;
  const capacity = points.length / 2;
  const fingerprint = fingerprintKey(bytes, offset, length, hashSeed);
  let slot = firstSlot(bytes, offset, length, hashSeed, capacity);
  for (let probes = 0; probes < capacity; probes++) {
    if (points[2 * slot + 1] === EMPTY_LOCATION) return false;
    if (points[2 * slot] === fingerprint && points[2 * slot + 1] === location) return true;
    slot = slot + 1 === capacity ? 0 : slot + 1;
  }
  return false;
}
