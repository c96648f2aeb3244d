/**
 * An immutable sorted run on disk. Little-endian.
 *
 *     run        := block* pointIndex blockIndex footer       blocks may be packed: packed-block.ts
 *     block      := crc:u32 bytes:u32 records:u32 number:u32 run:f64 maxLsn:f64
 *                   record* zeros place:u32{records}             512-byte aligned
 *     record     := keyLength:u32 valueLength:u32 lsn:f64 key value padding check:u32
 *                                                                  4-byte aligned, see record-check.ts
 *     pointIndex := slot:u64{capacity}                                    see point-index.ts
 *     blockIndex := start:u32{blocks + 1} keyEnd:u32{blocks} firstKeys    each as far as it is needed
 *     footer     := 128 bytes, see RunFooter
 *
 * Records ascend by key, and within a key from new to old. `place[i]` is where record i begins in
 * its block; the places stand at the block's end, the first one last. `start` counts 512-byte
 * units. A block's crc is seeded with its run and number, so a block that was written to, or read
 * from, the wrong place does not pass. Padding is under the checksum too.
 *
 * `firstKeys` has of each block's first key the shortest beginning that is above all keys before it;
 * up to format 2 it was the whole key, which serves too.
 *
 * Format 1 had another point index; a reader makes the index of such a run anew from its blocks.
 * Up to format 2 the point index was never keyed, and the footer had no secret. Up to format 3 records
 * had no check.
 */
import { StoreError } from '../errors.ts';
import { checksum, mix32, seedOf } from '../format/checksum.ts';
import type { HashSeeds } from '../format/keyed-hash.ts';
import { RECORD_CHECK_BYTES } from './record-check.ts';
import type { RunSpan } from './run-span.ts';

export const RUN_FORMAT = 4;
export const BLOCK_GRAIN = 512;
export const BLOCK_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 16;
export const FOOTER_BYTES = 128;

const MAGIC = 'ASSAYRUN';

/** The manifest entry of a run. */
export interface RunMeta {
  readonly number: number;
  /** Number of merges behind it: 0 for a flush. */
  readonly tier: number;
  readonly bytes: number;
  readonly records: number;
  readonly minLsn: number;
  readonly maxLsn: number;
  /** Absent if a merge may drop something, and in older versions. */
  readonly span?: RunSpan;
}

export interface RunFooter extends HashSeeds {
  readonly format: number;
  readonly number: number;
  readonly tier: number;
  readonly blocks: number;
  readonly records: number;
  readonly keys: number;
  readonly minLsn: number;
  readonly maxLsn: number;
  // The seeds are the store's, so that a lost manifest can be made again from its runs.
  /** Whether blocks may be packed. */
  readonly packed: boolean;
  /** Bits of a slot that say where in its block a record begins. */
  readonly placeBits: number;
  readonly pointOffset: number;
  readonly pointCapacity: number;
  readonly pointChecksum: number;
  /** Whether keys are hashed under the secret: see `PointIndexBuilder`. */
  readonly keyed: boolean;
  readonly blockIndexOffset: number;
  readonly blockIndexBytes: number;
  readonly blockIndexChecksum: number;
}

export function runFileName(number: number): string {
  return `run-${String(number).padStart(8, '0')}.sst`;
}

export function runFileNumber(name: string): number | undefined {
  if (!name.startsWith('run-')) return undefined;
  const digits = /^run-(\d{8,})\.sst$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Bytes of a record without its check. */
export function recordBytes(keyLength: number, valueLength: number): number {
  return (RECORD_HEADER_BYTES + keyLength + valueLength + 3) & ~3;
}

/** Bytes behind each record of a run in `format`. */
export function checkBytesOf(format: number): number {
  return format < 4 ? 0 : RECORD_CHECK_BYTES;
}

export function blockSeed(run: number, block: number): number {
  return mix32(seedOf(run) ^ block);
}

export function encodeFooter(footer: Omit<RunFooter, 'format'>): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(8, RUN_FORMAT, true);
  view.setUint32(16, footer.blocks, true);
  view.setUint32(20, footer.pointChecksum, true);
  view.setUint32(24, footer.blockIndexChecksum, true);
  view.setUint32(28, footer.tier, true);
  view.setUint32(104, footer.hashSeed, true);
  view.setUint32(108, footer.placeBits, true);
  view.setUint32(112, (footer.packed ? 1 : 0) + (footer.keyed ? 2 : 0), true);
  view.setUint32(116, footer.hashSecret[0], true);
  view.setUint32(120, footer.hashSecret[1], true);
  const floats = [
    footer.number,
    footer.records,
    footer.keys,
    footer.minLsn,
    footer.maxLsn,
    footer.pointOffset,
    footer.pointCapacity,
    footer.blockIndexOffset,
    footer.blockIndexBytes,
  ];
  for (const [i, value] of floats.entries()) view.setFloat64(32 + 8 * i, value, true);
  view.setUint32(12, footerChecksum(bytes), true);
  return bytes;
}

/** Decodes a footer, or says why not. Throws StoreError `format-newer`. */
export function decodeFooter(
  bytes: Uint8Array,
  path: string,
): RunFooter | { readonly fault: string } {
  if (bytes.length !== FOOTER_BYTES) return { fault: 'the footer is cut off' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(12, true) !== footerChecksum(bytes)) {
    return { fault: "the footer's checksum does not match" };
  }
  const format = view.getUint32(8, true);
  if (format > RUN_FORMAT) {
    const message = `${path} has run format ${format}, from a newer version; this one reads up to ${RUN_FORMAT}`;
    throw new StoreError('format-newer', message, true, { file: path });
  }
  const float = (i: number) => view.getFloat64(32 + 8 * i, true);
  return {
    format,
    blocks: view.getUint32(16, true),
    pointChecksum: view.getUint32(20, true),
    blockIndexChecksum: view.getUint32(24, true),
    tier: view.getUint32(28, true),
    hashSeed: view.getUint32(104, true),
    placeBits: view.getUint32(108, true),
    packed: (view.getUint32(112, true) & 1) !== 0,
    keyed: (view.getUint32(112, true) & 2) !== 0,
    hashSecret: [view.getUint32(116, true), view.getUint32(120, true)],
    number: float(0),
    records: float(1),
    keys: float(2),
    minLsn: float(3),
    maxLsn: float(4),
    pointOffset: float(5),
    pointCapacity: float(6),
    blockIndexOffset: float(7),
    blockIndexBytes: float(8),
  };
}

function footerChecksum(bytes: Uint8Array): number {
  return checksum(bytes, 16, FOOTER_BYTES, checksum(bytes, 0, 12, 0));
}
