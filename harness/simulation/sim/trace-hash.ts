/**
 * Trace hash: one hash over every change that the simulated disks of this process are asked to make, in
 * order, with the bytes. Two runs of a cell with the same hash did the same. It serves plans that
 * record no history of operations.
 */
import { crc32 } from 'node:zlib';

let low = 0;
let high = 0;
let steps = 0;

export function beginTrace(): void {
  low = 0x811c9dc5;
  high = 0x1b873593;
  steps = 0;
}

export function traceStep(what: string, offset: number, bytes?: Uint8Array): void {
  steps++;
  for (let i = 0; i < what.length; i++) fold(what.charCodeAt(i));
  fold(offset);
  if (bytes !== undefined) fold(crc32(bytes));
}

/** The hash since `beginTrace`, 16 hexadecimal digits; `undefined` if nothing was changed. */
export function traceHash(): string | undefined {
  if (steps === 0) return undefined;
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function fold(word: number): void {
  low = Math.imul(low ^ word, 0x01000193);
  high = Math.imul(high ^ word, 0x85ebca6b);
}
