/**
 * LogSegment: one fixed-size log file and the same bytes in memory, which are the memtable's.
 *
 * Invariants:
 * 1. `syncedBytes <= writtenBytes <= usedBytes <= size`.
 * 2. Bytes below `usedBytes` do not change as long as the segment is in the tree or held, so a
 *    reader or a worker may look at them at any time.
 * 3. Memory goes to another segment only when this one is flushed and nobody holds it.
 * 4. The file's header is durable and the manifest names the file before a commit in it is
 *    acknowledged (the log set sees to that).
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { assert } from '../errors.ts';
import { checksum } from '../format/checksum.ts';
import type { HashSeeds } from '../format/keyed-hash.ts';
import { Memtable } from '../memtable/memtable.ts';
import {
  FRAME_HEADER_BYTES,
  frameBytes,
  frameSeed,
  SEGMENT_HEADER_BYTES,
  type SegmentId,
  segmentSeed,
} from './log-format.ts';

const PAGE_BYTES = 4096;
/** Smaller segments are copied to the worker that flushes them: shared memory is costly to make. */
const SHARED_MIN = 64 * 1024;

/** Entries that commit together, encoded: a `WriteBatch`, or a frame's own on replay. */
export interface EncodedEntries {
  readonly payload: Uint8Array;
  readonly byteLength: number;
  readonly count: number;
}

export interface FrameFields {
  readonly lsn: number;
  readonly previousLsn: number;
  readonly durableLsn: number;
  readonly wallMs: number;
}

/** A segment's memory, which outlives it: fresh memory costs a fault for every page of it. */
export interface SegmentMemory {
  readonly bytes: Uint8Array;
  readonly memtable: Memtable;
}

export function segmentMemory(size: number, seeds: HashSeeds): SegmentMemory {
  const shared = size >= SHARED_MIN;
  const bytes = new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  return { bytes, memtable: new Memtable(bytes, seeds) };
}

export class LogSegment {
  readonly id: SegmentId;
  readonly size: number;
  readonly file: DiskFile;
  readonly bytes: Uint8Array;
  readonly memtable: Memtable;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #seed: number;
  usedBytes = SEGMENT_HEADER_BYTES;
  writtenBytes = SEGMENT_HEADER_BYTES;
  syncedBytes = SEGMENT_HEADER_BYTES;
  firstLsn = 0;
  lastLsn = 0;
  /** The system holds the page that `writtenBytes` is in, and those before this place. */
  #heldBytes = 0;
  /** Keeps a read in `#pagesToWrite` from being optimised away. */
  touched = 0;
  /** Its records lie in a run that the manifest names. */
  isFlushed = false;
  /** Cursors over the memtable that are open: while there are any, its memory stays what it is. */
  holders = 0;

  constructor(storeId: string, id: SegmentId, file: DiskFile, memory: SegmentMemory) {
    this.id = id;
    this.size = memory.bytes.length;
    this.file = file;
    this.bytes = memory.bytes;
    this.memtable = memory.memtable;
    this.#words = new Uint32Array(this.bytes.buffer);
    this.#floats = new Float64Array(this.bytes.buffer);
    this.#seed = segmentSeed(storeId, id);
  }

  get isEmpty(): boolean {
    return this.memtable.count === 0;
  }

  hasRoom(payloadBytes: number): boolean {
    return this.usedBytes + frameBytes(payloadBytes) <= this.size;
  }

  /** Encodes one commit, in memory only. Requires: `hasRoom`, and an lsn above the last. */
  appendCommit(batch: EncodedEntries, fields: FrameFields): void {
    assert(fields.lsn > this.lastLsn, 'lsns grow');
    assert(batch.count > 0, 'a commit has entries');
    const start = this.usedBytes;
    const payload = start + FRAME_HEADER_BYTES;
    this.bytes.set(batch.payload, payload);
    this.#finish(start, batch.byteLength, batch.count, fields);
    if (this.firstLsn === 0) this.firstLsn = fields.lsn;
    this.lastLsn = fields.lsn;
    this.memtable.insertAll(payload, batch.count, fields.lsn);
  }

  /** Encodes a mark: no entries, only what is durable. Requires: `hasRoom(0)`. */
  appendMark(fields: FrameFields): void {
    this.#finish(this.usedBytes, 0, 0, fields);
  }

  /**
   * Writes what memory has and the file has not. A page is written whole the first time, for a part
   * of a page that the system does not hold would have to be read first; after that, only what is
   * new. Not durable before `disk.sync`.
   */
  writeOut(disk: Disk): void {
    const used = this.usedBytes;
    const written = this.writtenBytes;
    if (written === used) return;
    if (used <= this.#heldBytes)
      disk.writeAt(this.file, this.bytes.subarray(written, used), written);
    else {
      const { start, bytes } = this.#pagesToWrite();
      disk.writeAt(this.file, bytes, start);
      this.#heldBytes = start + bytes.length;
    }
    this.writtenBytes = used;
  }

  /** Whether everything in the file is durable. */
  get isSettled(): boolean {
    return this.writtenBytes === this.syncedBytes;
  }

  /** As `writeOut`, and durable after. Requires: `isSettled`. */
  writeDurably(disk: Disk): Promise<void> {
    const used = this.usedBytes;
    const { start, bytes } = this.#pagesToWrite();
    this.#heldBytes = 0; // it goes past the system's cache
    return disk.writeDurable(this.file, bytes, start).then(() => {
      this.writtenBytes = Math.max(this.writtenBytes, used);
      this.syncedBytes = used;
    });
  }

  #pagesToWrite(): { readonly start: number; readonly bytes: Uint8Array } {
    const start = Math.max(SEGMENT_HEADER_BYTES, this.writtenBytes & -PAGE_BYTES);
    const end = Math.min(this.size, (this.usedBytes + PAGE_BYTES - 1) & -PAGE_BYTES);
    // Memory that was never touched makes Linux copy only a part, and so read the page first.
    this.touched = this.bytes[end - 1]!;
    return { start, bytes: this.bytes.subarray(start, end) };
  }

  #finish(start: number, payload: number, entries: number, fields: FrameFields): void {
    const bytes = frameBytes(payload);
    assert(start + bytes <= this.size, 'a frame fits its segment');
    const word = start >> 2;
    const float = start >> 3;
    this.#words[word + 1] = bytes;
    this.#floats[float + 1] = fields.lsn;
    this.#floats[float + 2] = fields.previousLsn;
    this.#floats[float + 3] = fields.durableLsn;
    this.#words[word + 8] = this.id.number >>> 0;
    this.#words[word + 9] = this.id.generation >>> 0;
    this.#words[word + 10] = entries;
    this.#words[word + 11] = payload;
    this.#floats[float + 6] = fields.wallMs;
    this.bytes.fill(0, start + FRAME_HEADER_BYTES + payload, start + bytes);
    this.#words[word] = checksum(
      this.bytes,
      start + 4,
      start + bytes,
      frameSeed(this.#seed, start),
    );
    this.usedBytes = start + bytes;
  }
}
