/**
 * Order-preserving keys of several parts: comparing the bytes is comparing the parts in turn.
 *
 *     number  := f64 big-endian, sign bit flipped (all bits flipped when negative)
 *     string  := UTF-8 with 00 written as 00 FF, then 00 01
 *
 * Worked example: ["a", 1] is 61 00 01 BF F0 00 00 00 00 00 00. The terminator 00 01 sorts below
 * every continuation of the string, also below an escaped 00 FF, so "a" stands before "ab" and
 * before "a\0".
 */
import { invalidArgument } from '../arguments.ts';
import { assert } from '../errors.ts';
import { utf8 } from './bytes.ts';

export type KeyPart = string | number;

const ESCAPED_ZERO = 0xff;
const END = 0x01;

/** Throws StoreError `invalid-argument` for NaN, lone surrogates, and all that is no text or number. */
export function encodeKey(...parts: readonly KeyPart[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part !== 'number') pushString(bytes, part);
    else if (Number.isNaN(part))
      throw invalidArgument('NaN has no order, so it is no part of a key');
    else pushNumber(bytes, part);
  }
  return Uint8Array.from(bytes);
}

/** Decodes parts of the given types; throws when the bytes do not hold them. */
export function decodeKey(bytes: Uint8Array, types: readonly ('string' | 'number')[]): KeyPart[] {
  let offset = 0;
  return types.map((type) => {
    if (type === 'number') {
      assert(offset + 8 <= bytes.length, 'a number key part has 8 bytes');
      const number = readNumber(bytes, offset);
      offset += 8;
      return number;
    }
    const content: number[] = [];
    for (;;) {
      assert(offset + 1 < bytes.length, 'a string key part is terminated');
      const byte = bytes[offset++]!;
      if (byte !== 0) content.push(byte);
      else if (bytes[offset++] === ESCAPED_ZERO) content.push(0);
      else break;
    }
    return utf8.decode(Uint8Array.from(content));
  });
}

function pushNumber(bytes: number[], value: number): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const negative = (view.getUint8(0) & 0x80) !== 0;
  for (let i = 0; i < 8; i++) {
    const byte = view.getUint8(i);
    bytes.push(negative ? byte ^ 0xff : i === 0 ? byte ^ 0x80 : byte);
  }
}

function readNumber(bytes: Uint8Array, offset: number): number {
  const view = new DataView(new ArrayBuffer(8));
  const negative = (bytes[offset]! & 0x80) === 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[offset + i]!;
    view.setUint8(i, negative ? byte ^ 0xff : i === 0 ? byte ^ 0x80 : byte);
  }
  return view.getFloat64(0);
}

function pushString(bytes: number[], value: string): void {
  for (const byte of utf8.encode(value)) {
    bytes.push(byte);
    if (byte === 0) bytes.push(ESCAPED_ZERO);
  }
  bytes.push(0, END);
}
