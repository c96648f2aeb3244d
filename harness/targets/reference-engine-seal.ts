/**
 * Seals the engine's files again after they were edited, so that every checksum matches
 * the edited bytes: the forged bytes then reach the parsers behind the checks.
 *
 * Where a piece begins and ends is taken from the edited bytes if they make sense, else from the
 * original: a forged length is sealed as far as it goes. Blocks of runs are not sealed: their
 * records are trusted once the checksum is right (`run/block.ts`).
 */
import { checksum } from '../../engine/format/checksum.ts';
import { FOOTER_BYTES } from '../../engine/run/run-format.ts';
import {
  FRAME_HEADER_BYTES,
  frameSeed,
  SEGMENT_HEADER_BYTES,
  segmentSeed,
} from '../../engine/wal/log-format.ts';

const MANIFEST_HEADER_BYTES = 20;

/** `kind`: as `liveFiles` names it. */
export function sealFile(kind: string, bytes: Uint8Array, original: Uint8Array): void {
  if (kind === 'manifest') sealManifest(bytes);
  else if (kind === 'log') sealLog(bytes, original);
  else sealRun(bytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** With its header as it was, so that what is fuzzed is the state. */
function sealManifest(bytes: Uint8Array): void {
  if (bytes.length < MANIFEST_HEADER_BYTES) return;
  const view = viewOf(bytes);
  view.setUint32(12, bytes.length - MANIFEST_HEADER_BYTES, true);
  const head = checksum(bytes, 0, 16, 0);
  view.setUint32(16, checksum(bytes, MANIFEST_HEADER_BYTES, bytes.length, head), true);
}

/** Frames in order, as far as their lengths make sense. The header is not fuzzed. */
function sealLog(bytes: Uint8Array, original: Uint8Array): void {
  if (bytes.length < SEGMENT_HEADER_BYTES) return;
  bytes.set(original.subarray(0, SEGMENT_HEADER_BYTES));
  const [view, was] = [viewOf(bytes), viewOf(original)];
  const storeId = Array.from(original.subarray(16, 32), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const id = { number: was.getFloat64(32, true), generation: was.getFloat64(40, true) };
  const seed = segmentSeed(storeId, id);
  for (let at = SEGMENT_HEADER_BYTES; at + FRAME_HEADER_BYTES <= bytes.length; ) {
    let length = view.getUint32(at + 4, true);
    const makesSense = length >= FRAME_HEADER_BYTES && length % 8 === 0;
    if (!makesSense && at + 8 <= original.length) length = was.getUint32(at + 4, true);
    if (length < FRAME_HEADER_BYTES || at + length > bytes.length) return;
    view.setUint32(at, checksum(bytes, at + 4, at + length, frameSeed(seed, at)), true);
    at += length;
  }
}

/** Both indexes, where the footer says they are, and the footer. */
function sealRun(bytes: Uint8Array): void {
  const at = bytes.length - FOOTER_BYTES;
  if (at < 0) return;
  const footer = bytes.subarray(at);
  const view = viewOf(footer);
  const float = (i: number) => view.getFloat64(32 + 8 * i, true);
  const sumOf = (from: number, length: number) => {
    const isWithin = from >= 0 && length >= 0 && from + length <= at;
    return isWithin ? checksum(bytes, from, from + length, 0) : 0;
  };
  view.setUint32(20, sumOf(float(5), 8 * float(6)), true);
  view.setUint32(24, sumOf(float(7), float(8)), true);
  const sum = checksum(footer, 16, FOOTER_BYTES, checksum(footer, 0, 12, 0));
  view.setUint32(12, sum, true);
}
