/**
 * MergeCursor: merges sorted cursors into one, in either direction.
 *
 * A binary heap orders the cursors by key, then newest first (reversed when walking backwards). Cursors that
 * agree in key and lsn keep their given order. Cost: O(log n) comparisons a record for n cursors.
 */
import { compareRange } from '../format/bytes.ts';
import type { Cursor } from '../run/record.ts';

/** Merges several cursors; a single one is returned unchanged. */
export function mergeCursors(cursors: readonly Cursor[], reverse: boolean): Cursor {
  return cursors.length === 1 ? cursors[0]! : new MergeCursor(cursors, reverse);
}

class MergeCursor implements Cursor {
  readonly #all: readonly Cursor[];
  readonly #sign: 1 | -1;
  readonly #heap: Cursor[] = [];
  valid = false;
  bytes!: Uint8Array;
  words!: Uint32Array;
  keyOffset = 0;
  keyLength = 0;
  valueLength = 0;
  lsn = 0;
  head = 0;
  isTombstone = false;

  constructor(cursors: readonly Cursor[], reverse: boolean) {
    this.#all = cursors;
    this.#sign = reverse ? -1 : 1;
    for (const cursor of cursors) {
      if (!cursor.valid) continue;
      this.#heap.push(cursor);
      this.#siftUp(this.#heap.length - 1);
    }
    this.#point();
  }

  next(): void {
    const top = this.#heap[0]!;
    top.next();
    if (!top.valid) {
      const last = this.#heap.pop()!;
      if (this.#heap.length === 0) {
        this.valid = false;
        return;
      }
      this.#heap[0] = last;
    }
    this.#siftDown();
    this.#point();
  }

  close(): void {
    this.valid = false;
    this.#heap.length = 0;
    for (const cursor of this.#all) cursor.close();
  }

  #point(): void {
    const top = this.#heap[0];
    this.valid = top !== undefined;
    if (top === undefined) return;
    this.bytes = top.bytes;
    this.words = top.words;
    this.keyOffset = top.keyOffset;
    this.keyLength = top.keyLength;
    this.valueLength = top.valueLength;
    this.lsn = top.lsn;
    this.head = top.head;
    this.isTombstone = top.isTombstone;
  }

  #precedes(a: Cursor, b: Cursor): boolean {
    if (a.head !== b.head) return a.head < b.head === (this.#sign === 1);
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
