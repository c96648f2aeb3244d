/**
 * ByteEdits: the fuzzer's edits of one file: single bytes, words with values that are hard on parsers, pieces
 * moved, repeated, zeroed or replaced by noise, and other lengths.
 */
import type { Prng } from '../random/prng.ts';

export interface Edited {
  readonly bytes: Uint8Array;
  readonly what: string;
}

type Edit = (bytes: Uint8Array, random: Prng) => Edited;

const EDITS_MAX = 3;
const PIECE_MAX = 600;
/** Where numbers begin in the formats that are fuzzed. */
const WORD = 4;
const ODD_WORDS = [0, 1, 2, 7, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const ODD_FLOATS = [0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY];

const EDITS: readonly Edit[] = [
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at]! ^= random.between(1, 255);
    return { bytes, what: `byte ${at} changed` };
  },
  (bytes, random) => {
    const at = alignedPlace(bytes, random, 4);
    const value = random.chance(0.5) ? random.pick(ODD_WORDS) : random.below(2 * bytes.length);
    viewOf(bytes).setUint32(at, value, true);
    return { bytes, what: `${value} at ${at}` };
  },
  (bytes, random) => {
    const at = alignedPlace(bytes, random, 8);
    const value = random.chance(0.5) ? random.pick(ODD_FLOATS) : random.below(2 * bytes.length);
    viewOf(bytes).setFloat64(at, value, true);
    return { bytes, what: `the number ${value} at ${at}` };
  },
  (bytes, random) => {
    const { from, length } = piece(bytes, random);
    for (let i = 0; i < length; i++) bytes[from + i] = random.nextUint32();
    return { bytes, what: `noise in ${length} bytes at ${from}` };
  },
  (bytes, random) => {
    const { from, length } = piece(bytes, random);
    bytes.fill(random.pick([0, 0xff]), from, from + length);
    return { bytes, what: `${length} bytes at ${from} cleared` };
  },
  (bytes, random) => {
    const { from, length } = piece(bytes, random);
    const to = random.below(bytes.length - length + 1);
    bytes.copyWithin(to, from, from + length);
    return { bytes, what: `${length} bytes at ${from} copied to ${to}` };
  },
  (bytes, random) => {
    const length = random.below(bytes.length);
    return { bytes: bytes.slice(0, length), what: `cut to ${length} bytes` };
  },
  (bytes, random) => {
    const { from, length } = piece(bytes, random);
    const longer = new Uint8Array(bytes.length + length);
    longer.set(bytes.subarray(0, from + length));
    longer.set(bytes.subarray(from), from + length);
    return { bytes: longer, what: `${length} bytes at ${from} repeated` };
  },
];

/** One to three edits of a copy. */
export function editBytes(original: Uint8Array, random: Prng): Edited {
  let bytes: Uint8Array = original.slice();
  const done: string[] = [];
  for (let i = random.between(1, EDITS_MAX); i > 0 && bytes.length >= 2 * WORD; i--) {
    const edited = random.pick(EDITS)(bytes, random);
    bytes = edited.bytes;
    done.push(edited.what);
  }
  return { bytes, what: done.join(', ') };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function alignedPlace(bytes: Uint8Array, random: Prng, size: number): number {
  return WORD * random.below(Math.floor((bytes.length - size) / WORD) + 1);
}

function piece(
  bytes: Uint8Array,
  random: Prng,
): { readonly from: number; readonly length: number } {
  const length = random.between(1, Math.min(PIECE_MAX, bytes.length));
  return { from: random.below(bytes.length - length + 1), length };
}
