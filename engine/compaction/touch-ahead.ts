/**
 * TouchAhead: has a worker touch fresh segment memory shortly before writers reach it. The kernel backs memory
 * page by page at first use, a few microseconds each; reused memory is already backed. The first commits of a
 * process and small segments are left alone, so a store that is rarely written does not pay.
 *
 * The log's file is not read ahead. The kernel would cache it in large folios, and a write of 200 bytes
 * into a large folio takes 4 µs, against 0.6 µs into the small ones that writing makes.
 */
import type { Background } from '../env/background.ts';
import type { Memtable } from '../memtable/memtable.ts';
import type { LogSegment } from '../wal/segment.ts';
import type { Task } from './task.ts';

const BEGIN_BYTES = 1024 * 1024;
const AHEAD_BYTES = 8 * 1024 * 1024;

export class TouchAhead {
  readonly #background: Background;
  #writing = false;

  constructor(background: Background) {
    this.#background = background;
  }

  /** Called after commits, very often. */
  committed(active: LogSegment, next: LogSegment | undefined): void {
    const { memtable, usedBytes, size } = active;
    if (!this.#writing) {
      if (usedBytes < BEGIN_BYTES) return;
      this.#writing = true;
    }
    if (memtable.capacity > memtable.touchedCapacity) this.#touchArrays(memtable);
    this.#touchWhole(memtable.widenAhead(usedBytes));
    if (usedBytes + AHEAD_BYTES / 2 > memtable.touchedBytes) this.#touchPart(active);
    if (usedBytes + AHEAD_BYTES < size || next === undefined) return;
    if (next.memtable.touchedBytes > 0) return;
    // It will hold about as many entries as this one.
    next.memtable.reserve(memtable.capacity);
    this.#touchArrays(next.memtable);
    this.#touchPart(next);
  }

  #touchArrays(memtable: Memtable): void {
    if (memtable.touchedCapacity >= memtable.capacity) return;
    memtable.touchedCapacity = memtable.capacity;
    this.#touchWhole(memtable.memory);
  }

  #touchWhole(buffers: readonly SharedArrayBuffer[]): void {
    if (buffers.length === 0) return;
    const memory = buffers.map((buffer) => ({ buffer, from: 0, to: buffer.byteLength }));
    this.#touch({ kind: 'touch', memory });
  }

  #touchPart({ bytes, memtable, usedBytes, size }: LogSegment): void {
    const from = Math.max(memtable.touchedBytes, usedBytes);
    const to = Math.min(size, from + AHEAD_BYTES);
    if (from >= to || !(bytes.buffer instanceof SharedArrayBuffer)) return;
    memtable.touchedBytes = to;
    this.#touch({ kind: 'touch', memory: [{ buffer: bytes.buffer, from, to }] });
  }

  #touch(task: Task): void {
    this.#background.run(task, 'flush').catch(() => undefined); // then it is merely slower
  }
}
