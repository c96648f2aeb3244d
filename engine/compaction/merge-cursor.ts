/**
 * MergeCursor: several sorted walks as one, in either direction.
 *
 * A binary heap of cursors, ordered by what they point at: by key, then newest first (the
 * opposite when walking in reverse). Cursors that agree in key and lsn keep their given order.
 */
import { compareRange } from '../format/bytes.ts';
import type { Cursor } from '../run/record.ts';

export class MergeCursor implements Cursor {
  readonly #all: readonly Cursor[];
  readonly #sign: 1 | -1;
  readonly #heap: Cursor[] = [];

  constructor(cursors: readonly Cursor[], reverse: boolean) {
    this.#all = cursors;
    this.#sign = reverse ? -1 : 1;
    for (const cursor of cursors) {
      if (!cursor.valid) continue;
      this.#heap.push(cursor);
      this.#siftUp(this.#heap.length - 1);
    }
  }

  get valid(): boolean {
    return this.#heap.length > 0;
  }

  get bytes(): Uint8Array {
    return this.#heap[0]!.bytes;
  }

  get keyOffset(): number {
    return this.#heap[0]!.keyOffset;
  }

  get keyLength(): number {
    return this.#heap[0]!.keyLength;
  }

  get valueOffset(): number {
    return this.#heap[0]!.valueOffset;
  }

  get valueLength(): number {
    return this.#heap[0]!.valueLength;
  }

  get lsn(): number {
    return this.#heap[0]!.lsn;
  }

  get isTombstone(): boolean {
    return this.#heap[0]!.isTombstone;
  }

  next(): void {
    const top = this.#heap[0]!;
    top.next();
    if (!top.valid) {
      const last = this.#heap.pop()!;
      if (this.#heap.length === 0) return;
      this.#heap[0] = last;
    }
    this.#siftDown();
  }

  close(): void {
    this.#heap.length = 0;
    for (const cursor of this.#all) cursor.close();
  }

  #precedes(a: Cursor, b: Cursor): boolean {
    const byKey = compareRange(
      a.bytes,
      a.keyOffset,
      a.keyLength,
      b.bytes,
      b.keyOffset,
      b.keyLength,
    );
    return this.#sign * (byKey !== 0 ? byKey : b.lsn - a.lsn) < 0;
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #siftDown(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      let first = 2 * at + 1;
      if (first >= heap.length) return;
      if (first + 1 < heap.length && this.#precedes(heap[first + 1]!, heap[first]!)) first++;
      if (!this.#precedes(heap[first]!, heap[at]!)) return;
      [heap[at], heap[first]] = [heap[first]!, heap[at]!];
      at = first;
    }
  }
}
