/**
 * SegmentPool: makes log segments ready for their first commit.
 *
 * A segment's file has its full size, a synced header and a synced directory entry before it is
 * handed out, so that no commit ever waits for a file to grow. Files of flushed segments are
 * reused: overwriting costs half of growing, and a full disk does not stop the log. Their memory is
 * reused too.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { encodeSegmentHeader, logFileName, type SegmentId } from './log-format.ts';
import { LogSegment, type SegmentMemory, segmentMemory } from './segment.ts';

const FILL_CHUNK_BYTES = 4 * 1024 * 1024;
const SPARES_MAX = 2;
const MEMORIES_MAX = 1;

export interface PoolIdentity {
  readonly directory: string;
  readonly storeId: string;
  readonly hashSeed: number;
  readonly segmentBytes: number;
}

export class SegmentPool {
  readonly #disk: Disk;
  readonly #identity: PoolIdentity;
  #spares: number[];
  readonly #memories: SegmentMemory[] = [];

  /** `spares`: numbers of files whose content means nothing. */
  constructor(disk: Disk, identity: PoolIdentity, spares: readonly number[]) {
    this.#disk = disk;
    this.#identity = identity;
    this.#spares = [...spares];
  }

  get spares(): readonly number[] {
    return this.#spares;
  }

  /** Memory that waits for another segment. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const { bytes: own, memtable } of this.#memories)
      bytes += own.length + memtable.indexBytes;
    return bytes;
  }

  /** A segment ready for its first commit. Durable after: header, size and directory entry. */
  async prepare(id: SegmentId): Promise<LogSegment> {
    const segment = await this.create(id, 0);
    try {
      await this.settle([segment]);
    } catch (error) {
      this.#disk.close(segment.file);
      this.#disk.remove(segment.file.path);
      throw error;
    }
    return segment;
  }

  /** Makes what the segments hold, and their directory entries, durable. */
  async settle(segments: readonly LogSegment[]): Promise<void> {
    for (const segment of segments) {
      segment.writeOut(this.#disk);
      await this.#disk.sync(segment.file);
      segment.syncedBytes = segment.writtenBytes;
    }
    await this.#disk.syncDirectory(this.#identity.directory);
  }

  /** A segment with at least `bytesMin` bytes that is not durable yet: see `settle`. */
  async create(id: SegmentId, bytesMin: number): Promise<LogSegment> {
    const { directory, storeId, hashSeed, segmentBytes } = this.#identity;
    const size = Math.max(segmentBytes, bytesMin);
    const path = `${directory}/${logFileName(id.number)}`;
    const file = this.#takeSpare(path) ?? this.#disk.open(path, 'create-direct');
    try {
      await this.#fill(file, size);
      this.#disk.writeAt(file, encodeSegmentHeader(storeId, id, size), 0);
    } catch (error) {
      this.#disk.close(file);
      this.#disk.remove(path);
      throw error;
    }
    return new LogSegment(
      storeId,
      id,
      file,
      this.#takeMemory(size) ?? segmentMemory(size, hashSeed),
    );
  }

  /** Takes over files of segments that were replayed. Requires: no manifest names them. */
  adopt(numbers: readonly number[]): void {
    this.#spares = [...this.#spares, ...numbers].slice(0, SPARES_MAX);
  }

  /** Takes back the file of a segment that no manifest names any more. */
  recycle(segment: LogSegment): void {
    this.#disk.close(segment.file);
    if (this.#spares.length < SPARES_MAX) this.#spares.push(segment.id.number);
    else this.#disk.remove(segment.file.path);
    const { bytes, memtable, holders } = segment;
    if (holders > 0 || this.#memories.length === MEMORIES_MAX) return;
    if (bytes.length !== this.#identity.segmentBytes) return;
    memtable.clear();
    this.#memories.push({ bytes, memtable });
  }

  #takeMemory(size: number): SegmentMemory | undefined {
    return size === this.#identity.segmentBytes ? this.#memories.pop() : undefined;
  }

  /** A spare that an earlier, cut-off recovery took already is passed over. */
  #takeSpare(path: string): DiskFile | undefined {
    if (this.#spares.length === 0) return undefined;
    const { directory } = this.#identity;
    const names = new Set(this.#disk.list(directory));
    for (;;) {
      const spare = this.#spares.shift();
      if (spare === undefined) return undefined;
      if (!names.has(logFileName(spare))) continue;
      this.#disk.rename(`${directory}/${logFileName(spare)}`, path);
      return this.#disk.open(path, 'write');
    }
  }

  /**
   * Brings the file to `size`, writing zeros only where it is too short. They go past the system's
   * cache: there they would make large pages, which cost each small write to them dearly.
   */
  async #fill(file: DiskFile, size: number): Promise<void> {
    let length = this.#disk.size(file);
    if (length > size) this.#disk.truncate(file, size);
    if (length >= size) return;
    const zeros = this.#disk.allocate(Math.min(FILL_CHUNK_BYTES, size - length));
    while (length < size) {
      const chunk = zeros.subarray(0, Math.min(zeros.length, size - length));
      this.#disk.writeAt(file, chunk, length);
      length += chunk.length;
      if (length < size) await this.#disk.sync(file);
    }
  }
}
