/**
 * The manifest: one small file that names everything else a store consists of.
 *
 *     manifest := "ASSAYMAN" format:u32 bodyBytes:u32 crc:u32 body      little-endian
 *     body     := the state below as UTF-8 JSON, readable with `tail -c +21 MANIFEST`
 *
 * `crc` covers all other bytes. The file ends with the body; a longer or shorter file is damage.
 * A format above ours, with a checksum that matches, is a newer store and is refused as such.
 *
 * Format 1 had no `hashSecret`: it reads as zeros, and the next open draws one. Nor had it `lsnGaps`.
 */
import { corruption, StoreError } from '../errors.ts';
import { utf8 } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import type { HashSeeds } from '../format/keyed-hash.ts';
import type { LsnGap } from '../mvcc/lsn-gaps.ts';
import type { RunMeta } from '../run/run-format.ts';
import type { SegmentId } from '../wal/log-format.ts';
import { type Check, FIELD_CHECKS, impossibleField } from './manifest-check.ts';

export const MANIFEST_FORMAT = 2;
export const MANIFEST_NAME = 'MANIFEST';
export const MANIFEST_NEXT_NAME = 'MANIFEST.next';
const MAGIC = 'ASSAYMAN';
const HEADER_BYTES = 20;

export interface ManifestState extends HashSeeds {
  /** 16 random bytes in hexadecimal. */
  readonly storeId: string;
  /** The version of the software that wrote this manifest. */
  readonly appVersion: string;
  /** Counts recoveries; a new one begins with each open. */
  readonly generation: number;
  /** The number that the next log or run file gets. Never reused. */
  readonly nextNumber: number;
  /** No commit up to this lsn is in the log any more: the runs hold them. */
  readonly flushedLsn: number;
  /** Every commit up to this lsn was durable when the manifest was written. */
  readonly durableLsn: number;
  /** The next commit's lsn is above this. */
  readonly lastLsn: number;
  /** Where timestamps of commits were skipped, above the safe point. */
  readonly lsnGaps: readonly LsnGap[];
  /** Snapshots below this lsn may have lost versions. */
  readonly safePoint: number;
  /** Live log segments, oldest first. */
  readonly segments: readonly SegmentId[];
  /** Log files kept for reuse; their content means nothing. */
  readonly spares: readonly number[];
  /** Live runs, oldest first, with disjoint and ascending lsn ranges. */
  readonly runs: readonly RunMeta[];
  /** Whether the store was closed after everything was flushed. */
  readonly cleanShutdown: boolean;
  /** Pairs of wall time and lsn, sparse, for snapshots by date. The clock may have gone back. */
  readonly clockSamples: readonly (readonly [wallMs: number, lsn: number])[];
}

/** Every field is checked when it is read. */
FIELD_CHECKS satisfies Readonly<Record<keyof ManifestState, Check>>;

/** Defaults for fields that format 1 lacks. */
const BEFORE_FORMAT_2 = { hashSecret: [0, 0], lsnGaps: [] } as const;

export function encodeManifest(state: ManifestState, format = MANIFEST_FORMAT): Uint8Array {
  const body = utf8.encode(JSON.stringify(state));
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(8, format, true);
  view.setUint32(12, body.length, true);
  bytes.set(body, HEADER_BYTES);
  view.setUint32(16, manifestChecksum(bytes), true);
  return bytes;
}

/** Throws StoreError `corruption`, `format-newer` or `format-foreign`, with `path` in it. */
export function decodeManifest(bytes: Uint8Array, path: string): ManifestState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) throw corruption(path, bytes.length, 'it is truncated');
  const whole = view.getUint32(16, true) === manifestChecksum(bytes);
  if (utf8.decode(bytes.subarray(0, 8)) !== MAGIC) {
    const mended = new Uint8Array([...utf8.encode(MAGIC), ...bytes.subarray(8)]);
    if (view.getUint32(16, true) === manifestChecksum(mended)) {
      throw corruption(path, 0, 'the magic bytes are wrong and all else is right');
    }
    const message = `${path} does not begin like a manifest of this engine`;
    throw new StoreError('format-foreign', message, true, { file: path, offset: 0 });
  }
  if (!whole) throw corruption(path, 16, "the manifest's checksum does not match");
  const format = view.getUint32(8, true);
  if (format > MANIFEST_FORMAT) {
    const message = `${path} has format ${format}, written by a newer version of this engine; this one reads up to ${MANIFEST_FORMAT}`;
    throw new StoreError('format-newer', message, true, { file: path, offset: 8 });
  }
  if (view.getUint32(12, true) !== bytes.length - HEADER_BYTES) {
    throw corruption(path, 12, 'the length of the body is wrong');
  }
  const state: object = { ...BEFORE_FORMAT_2, ...parsed(bytes.subarray(HEADER_BYTES)) };
  const impossible = impossibleField(state);
  if (impossible === undefined) return state as ManifestState;
  throw corruption(path, HEADER_BYTES, `its checksum is right, and its ${impossible} cannot be`);
}

/** `undefined` if it is not JSON. */
function parsed(body: Uint8Array): object | undefined {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}

function manifestChecksum(bytes: Uint8Array): number {
  return checksum(bytes, HEADER_BYTES, bytes.length, checksum(bytes, 0, 16, 0));
}
