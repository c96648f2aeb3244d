/**
 * Shared points: a point index that another thread reads into memory both have. A flag in front of it
 * says when it is whole, so that a program that never lets the event loop turn gets it all the same.
 *
 *     memory := filled:u32 words:u32 placeBits:u32 keyed:u32 zeros slots      slots begin at 512
 */
import { alignUp } from '../format/bytes.ts';
import { BLOCK_GRAIN } from './run-format.ts';
import type { PointIndex } from './run-index.ts';

const FILLED = 0;
const WORDS = 1;
const PLACE_BITS = 2;
const KEYED = 3;
const HEAD_BYTES = BLOCK_GRAIN;

/** Room for an index of up to `bytes`. Memory that is not written costs nothing. */
export function sharedMemory(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + alignUp(Math.ceil(bytes), BLOCK_GRAIN));
}

/** Where the index is read into. */
export function slotsMemory(memory: SharedArrayBuffer): Uint8Array {
  return new Uint8Array(memory, HEAD_BYTES);
}

/** Marks the index in `memory` as complete; does nothing if it lies elsewhere. */
export function publish(memory: SharedArrayBuffer, { slots, placeBits, keyed }: PointIndex): void {
  if (slots.buffer !== memory) return;
  const head = new Int32Array(memory, 0, KEYED + 1);
  head[WORDS] = slots.length;
  head[PLACE_BITS] = placeBits;
  head[KEYED] = keyed ? 1 : 0;
  Atomics.store(head, FILLED, 1);
}

/** The index in `memory`, once it is whole. */
export function published(memory: SharedArrayBuffer): PointIndex | undefined {
  const head = new Int32Array(memory, 0, KEYED + 1);
  if (Atomics.load(head, FILLED) === 0) return undefined;
  const slots = new Uint32Array(memory, HEAD_BYTES, head[WORDS]!);
  return { slots, placeBits: head[PLACE_BITS]!, keyed: head[KEYED] === 1 };
}
