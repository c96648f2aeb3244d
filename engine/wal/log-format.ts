/**
 * The write-ahead log on disk. All integers are little-endian; `f64` holds 53-bit integers.
 *
 *     segment  := header (512 bytes) frame* unused      fixed size, zero-filled or recycled
 *     header   := "ASSAYWAL" format:u32 crc:u32 store:16 bytes number:f64 generation:f64 size:f64
 *     frame    := crc:u32 bytes:u32 lsn:f64 previous:f64 durable:f64
 *                 segment:u32 generation:u32 entries:u32 payload:u32 wallMs:f64
 *                 entry* padding                        8-byte aligned
 *     entry    := keyLength:u32 valueLength:u32 key value padding        4-byte aligned
 *
 * A frame is one commit; `lsn` is its timestamp. A frame with no entries is a *mark*: it repeats
 * the last lsn and only carries `durable`, the highest lsn known synced when it was written.
 *
 * Worked example: one put of key "k" (1 byte) and value "value" (5 bytes) is an entry of
 * 4 + 4 + 1 + 5 = 14, padded to 16; the frame is 56 + 16 = 72 bytes.
 *
 * Why a stale frame never replays: `crc` covers everything behind it and is seeded with the store,
 * the segment's number and generation and the frame's offset, so bytes of the file's former life,
 * or of another place, do not check.
 *
 * Why a lost frame is noticed: `previous` is the lsn of the frame before, so the chain breaks.
 */
import { alignUp } from '../format/bytes.ts';
import { checksum, mix32, seedOf } from '../format/checksum.ts';

export const LOG_FORMAT = 1;
export const SEGMENT_HEADER_BYTES = 512;
export const FRAME_HEADER_BYTES = 56;
export const ENTRY_HEADER_BYTES = 8;
/** `valueLength` of a deleted key. Not a legal length, so it can't be mistaken for a value. */
export const TOMBSTONE = 0xffffffff;
/** A memtable addresses its segment with 32-bit offsets. */
export const MAX_SEGMENT_BYTES = 2 ** 30;

const MAGIC = 'ASSAYWAL';

export interface SegmentId {
  readonly number: number;
  readonly generation: number;
}

export interface FrameHeader {
  readonly bytes: number;
  readonly lsn: number;
  readonly previousLsn: number;
  readonly durableLsn: number;
  readonly entries: number;
  readonly payloadBytes: number;
  readonly wallMs: number;
}

/** Requires: lengths within their limits, so that 32 bits do. */
export function entryBytes(keyLength: number, valueLength: number): number {
  return (ENTRY_HEADER_BYTES + keyLength + valueLength + 3) & ~3;
}

/** Exact for any size; the caller checks whether it fits a segment. */
export function frameBytes(payloadBytes: number): number {
  return alignUp(FRAME_HEADER_BYTES + payloadBytes, 8);
}

/** The seed of every checksum in a segment; mixed with the offset for each frame. */
export function segmentSeed(storeId: string, id: SegmentId): number {
  const store = storeBytes(storeId);
  const view = new DataView(store.buffer, store.byteOffset);
  const words = [0, 4, 8, 12].map((at) => view.getUint32(at));
  return seedOf(...words, id.number, id.generation);
}

export function frameSeed(segment: number, offset: number): number {
  return mix32(segment ^ offset);
}

export function logFileName(number: number): string {
  return `wal-${String(number).padStart(8, '0')}.log`;
}

export function logFileNumber(name: string): number | undefined {
  if (!name.startsWith('wal-')) return undefined;
  const digits = /^wal-(\d{8,})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function encodeSegmentHeader(storeId: string, id: SegmentId, size: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(8, LOG_FORMAT, true);
  bytes.set(storeBytes(storeId), 16);
  view.setFloat64(32, id.number, true);
  view.setFloat64(40, id.generation, true);
  view.setFloat64(48, size, true);
  view.setUint32(12, headerChecksum(bytes), true);
  return bytes;
}

/** The 16 bytes of a store's id. */
function storeBytes(storeId: string): Uint8Array {
  if (known.storeId !== storeId) {
    const bytes = new Uint8Array(16);
    for (let i = 0; i < 16; i++) bytes[i] = Number.parseInt(storeId.slice(2 * i, 2 * i + 2), 16);
    known = { storeId, bytes };
  }
  return known.bytes;
}

/** The store asked for last: it is asked for again and again. */
let known = { storeId: '', bytes: new Uint8Array(16) };

function headerChecksum(bytes: Uint8Array): number {
  return checksum(bytes, 16, SEGMENT_HEADER_BYTES, checksum(bytes, 0, 12, 0));
}

/** Why a segment's header does not fit, or `undefined` when it does. */
export function segmentHeaderFault(
  bytes: Uint8Array,
  storeId: string,
  id: SegmentId,
): { kind: 'cut' | 'damage' | 'newer' | 'foreign'; what: string } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SEGMENT_HEADER_BYTES) return { kind: 'cut', what: 'it is truncated' };
  if (view.getUint32(12, true) !== headerChecksum(bytes)) {
    return { kind: 'damage', what: "the segment header's checksum does not match" };
  }
  const format = view.getUint32(8, true);
  if (format > LOG_FORMAT) {
    return { kind: 'newer', what: `log format ${format}; this version reads up to ${LOG_FORMAT}` };
  }
  const size = view.getFloat64(48, true);
  if (bytes.length < size) {
    return { kind: 'cut', what: `it has ${bytes.length} bytes, and was made with ${size}` };
  }
  const expected = encodeSegmentHeader(storeId, id, size);
  for (let i = 0; i < SEGMENT_HEADER_BYTES; i++) {
    if (bytes[i] !== expected[i]) {
      return { kind: 'foreign', what: 'the header names another store, number or generation' };
    }
  }
  return undefined;
}
