/**
 * A block as a compressed run holds it: zstd (RFC 8878) around the whole plain block.
 *
 *     packed := crc:u32 bytes:u32 PACKED:u32 number:u32 run:f64 plain:u32 payload:u32
 *               zstd{payload} zeros                          512-byte aligned
 *
 * Crc, length and number stand where a plain block has them, so both are checked the same way. A
 * block that would not become shorter by 512 bytes is left plain.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { corruption } from '../errors.ts';
import { alignUp } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { BLOCK_GRAIN, BLOCK_HEADER_BYTES, blockSeed } from './run-format.ts';

/** Marks a packed block, in the field of the record count; larger than any count. */
const PACKED = 0xffffffff;

/** The packed form of a sealed block, or the block itself when that is not shorter. */
export function packBlock(plain: Uint8Array, run: number, number: number): Uint8Array {
  const payload = zstdCompressSync(plain);
  const size = alignUp(BLOCK_HEADER_BYTES + payload.length, BLOCK_GRAIN);
  if (size >= plain.length) return plain;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, size, true);
  view.setUint32(8, PACKED, true);
  view.setUint32(12, number, true);
  view.setFloat64(16, run, true);
  view.setUint32(24, plain.length, true);
  view.setUint32(28, payload.length, true);
  bytes.set(payload, BLOCK_HEADER_BYTES);
  view.setUint32(0, checksum(bytes, 4, size, blockSeed(run, number)), true);
  return bytes;
}

/**
 * The plain block in `bytes`, which may be `bytes` itself. Requires: no fault. Throws StoreError
 * `corruption` when a checksum was right and the content is not.
 */
export function plainBlock(bytes: Uint8Array, path: string, offset: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== PACKED) return bytes;
  const length = view.getUint32(24, true);
  const payload = view.getUint32(28, true);
  try {
    const packed = bytes.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + payload);
    const plain = zstdDecompressSync(packed, { maxOutputLength: length });
    if (plain.length === length) return wordAligned(plain);
  } catch {
    // Told below.
  }
  throw corruption(path, offset, 'a compressed block can not be unpacked');
}

/** Records are read by words: bytes that begin elsewhere are copied. */
function wordAligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
