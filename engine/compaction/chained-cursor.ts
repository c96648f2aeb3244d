/**
 * ChainedCursor: concatenates forward cursors over disjoint, ascending key ranges. Each is opened when the
 * previous one ends, so a merge of hundreds of disjoint runs holds the memory of one.
 *
 * Requires: every record of a cursor sorts before every record of the next.
 */
import type { Cursor } from '../run/record.ts';

export class ChainedCursor implements Cursor {
  readonly #openers: readonly (() => Cursor)[];
  #next = 0;
  #current: Cursor | undefined;
  valid = false;
  bytes!: Uint8Array;
  words!: Uint32Array;
  keyOffset = 0;
  keyLength = 0;
  valueLength = 0;
  lsn = 0;
  head = 0;
  isTombstone = false;

  constructor(openers: readonly (() => Cursor)[]) {
    this.#openers = openers;
    this.#point();
  }

  next(): void {
    this.#current!.next();
    this.#point();
  }

  close(): void {
    this.valid = false;
    this.#current?.close();
    this.#current = undefined;
    this.#next = this.#openers.length;
  }

  #point(): void {
    while (this.#current?.valid !== true && this.#next < this.#openers.length) {
      this.#current?.close();
      this.#current = undefined;
      this.#current = this.#openers[this.#next++]!();
    }
    const current = this.#current;
    this.valid = current?.valid === true;
    if (!this.valid) return;
    this.bytes = current!.bytes;
    this.words = current!.words;
    this.keyOffset = current!.keyOffset;
    this.keyLength = current!.keyLength;
    this.valueLength = current!.valueLength;
    this.lsn = current!.lsn;
    this.head = current!.head;
    this.isTombstone = current!.isTombstone;
  }
}
