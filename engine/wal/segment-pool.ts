/**
 * SegmentPool: makes log segments ready for their first commit.
 *
 * A segment's file has its full size, a synced header and a synced directory entry before it is
 * handed out, so that no commit ever waits for a file to grow. Files of flushed segments are
 * reused: overwriting costs half of growing, and a full disk does not stop the log. Their memory is
 * reused too. A spare that is left when the disk is full is what the next recovery copies the log
 * into.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { hasEntry } from '../env/guarded-disk.ts';
import type { HashSeeds } from '../format/keyed-hash.ts';
import { encodeSegmentHeader, logFileName, type SegmentId } from './log-format.ts';
import { LogSegment, type SegmentMemory, segmentMemory } from './segment.ts';

const FILL_CHUNK_BYTES = 4 * 1024 * 1024;
/** Two recently flushed ones, and one reserved for recovery. */
const SPARES_MAX = 3;
const MEMORIES_MAX = 1;

export interface PoolIdentity extends HashSeeds {
  readonly directory: string;
  readonly storeId: string;
  readonly segmentBytes: number;
}

export class SegmentPool {
  readonly #disk: Disk;
  readonly #identity: PoolIdentity;
  #spares: number[];
  /** Files that were made here, and not taken from the spares. */
  readonly #made = new Set<number>();
  /** Spares whose zeros may not be on the medium: after a failed sync they look as if they were. */
  readonly #unsure = new Set<number>();
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
    const segment = await this.create(id, this.#identity.segmentBytes);
    try {
      await this.settle([segment]);
    } catch (error) {
      this.discard(segment);
      throw error;
    }
    return segment;
  }

  /** Makes what the segments hold, and their directory entries, durable. */
  async settle(segments: readonly LogSegment[]): Promise<void> {
    for (const segment of segments) {
      segment.writeOut(this.#disk);
      await this.#disk.sync(segment.file);
      this.#unsure.delete(segment.id.number);
      segment.syncedBytes = segment.writtenBytes;
    }
    await this.#disk.syncDirectory(this.#identity.directory);
  }

  /** Makes the file of one more spare, durably: it is for a time without room. Throws StoreError `disk-full`. */
  async addSpare(number: number): Promise<void> {
    const file = this.#make(number);
    try {
      await this.#fill(file, this.#identity.segmentBytes, 0);
      await this.#disk.sync(file);
      await this.#disk.syncDirectory(this.#identity.directory);
    } catch (error) {
      this.#undo(file, number);
      throw error;
    }
    this.#disk.close(file);
    this.#keep(number);
  }

  /** A segment of `size` bytes that is not durable yet: see `settle`. */
  async create(id: SegmentId, size: number): Promise<LogSegment> {
    const { storeId } = this.#identity;
    const file = this.#takeSpare(id.number) ?? this.#make(id.number);
    let before = 0;
    try {
      before = this.#disk.size(file);
      await this.#fill(file, size, this.#unsure.has(id.number) ? 0 : this.#disk.size(file));
      this.#disk.writeAt(file, encodeSegmentHeader(storeId, id, size), 0);
      const memory = this.#takeMemory(size) ?? segmentMemory(size, this.#identity);
      return new LogSegment(storeId, id, file, memory);
    } catch (error) {
      this.#shrink(file, before);
      this.#undo(file, id.number);
      throw error;
    }
  }

  /** Takes over files of segments that were replayed. Requires: no manifest names them. */
  adopt(numbers: readonly number[]): void {
    this.#spares = [...this.#spares, ...numbers].slice(0, SPARES_MAX);
  }

  /**
   * As `adopt`, of files that a process left which may have met a failed sync. Those that were cut off
   * while they were made are passed over: where the disk is full they cannot be finished.
   */
  adoptUnsure(numbers: readonly number[]): void {
    const whole = numbers.filter((number) => this.#isWhole(number));
    for (const number of whole) this.#unsure.add(number);
    this.adopt(whole);
  }

  #isWhole(number: number): boolean {
    const file = this.#disk.open(this.#pathOf(number), 'read');
    try {
      return this.#disk.size(file) >= this.#identity.segmentBytes;
    } finally {
      this.#disk.close(file);
    }
  }

  /** Takes back the file of a segment that no manifest names any more. */
  recycle(segment: LogSegment): void {
    this.#disk.close(segment.file);
    this.#keep(segment.id.number);
    this.#keepMemory(segment);
  }

  /** As `recycle`, of a segment that never was in use: a file that was made for it is removed. */
  discard(segment: LogSegment): void {
    this.#undo(segment.file, segment.id.number);
    this.#keepMemory(segment);
  }

  #make(number: number): DiskFile {
    const file = this.#disk.open(this.#pathOf(number), 'create-direct');
    this.#made.add(number);
    return file;
  }

  #undo(file: DiskFile, number: number): void {
    this.#disk.close(file);
    this.#unsure.add(number);
    if (this.#made.delete(number)) this.#disk.remove(file.path);
    else this.#keep(number);
  }

  /** Shrinks a spare back to its size. */
  #shrink(file: DiskFile, size: number): void {
    try {
      if (this.#disk.size(file) > size) this.#disk.truncate(file, size);
    } catch {
      // It stays larger, and remains a spare.
    }
  }

  #keep(number: number): void {
    if (this.#spares.length < SPARES_MAX) this.#spares.push(number);
    else this.#disk.remove(this.#pathOf(number));
  }

  #keepMemory({ bytes, memtable, holders }: LogSegment): void {
    if (holders > 0 || this.#memories.length === MEMORIES_MAX) return;
    if (bytes.length !== this.#identity.segmentBytes) return;
    memtable.clear();
    this.#memories.push({ bytes, memtable });
  }

  #pathOf(number: number): string {
    return `${this.#identity.directory}/${logFileName(number)}`;
  }

  #takeMemory(size: number): SegmentMemory | undefined {
    return size === this.#identity.segmentBytes ? this.#memories.pop() : undefined;
  }

  /**
   * A spare, under its new number. One that an earlier, cut-off recovery took already is passed over.
   * When it cannot be opened it is a spare still.
   */
  #takeSpare(number: number): DiskFile | undefined {
    if (this.#spares.length === 0) return undefined;
    const { directory } = this.#identity;
    const names = new Set(this.#disk.list(directory));
    this.#spares = this.#spares.filter((spare) => names.has(logFileName(spare)));
    const [spare, ...others] = this.#spares;
    if (spare === undefined) return undefined;
    try {
      this.#disk.rename(this.#pathOf(spare), this.#pathOf(number));
      const file = this.#disk.open(this.#pathOf(number), 'write');
      this.#spares = others;
      if (this.#unsure.has(spare)) this.#unsure.add(number);
      return file;
    } catch (error) {
      const isRenamed = hasEntry(this.#disk, directory, logFileName(number));
      if (isRenamed === true) {
        if (this.#unsure.has(spare)) this.#unsure.add(number);
        this.#spares = [number, ...others];
      }
      throw error;
    }
  }

  /**
   * Brings the file to `size`, writing zeros behind the first `length` bytes. They go past the system's
   * cache: there they would make large pages, which cost each small write to them dearly.
   */
  async #fill(file: DiskFile, size: number, length: number): Promise<void> {
    if (this.#disk.size(file) > size) this.#disk.truncate(file, size);
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
