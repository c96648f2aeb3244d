/**
 * Reads one segment's bytes: frames in order up to the first that does not check, then on to the
 * segment's end, only for the durable marks that lie behind it.
 *
 * The reader judges nothing. Whether the first bad frame is a torn tail or damage depends on the
 * marks of *all* segments, and recovery decides that.
 */
import { checksum } from '../format/checksum.ts';
import {
  ENTRY_HEADER_BYTES,
  entryBytes,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameBytes,
  frameSeed,
  SEGMENT_HEADER_BYTES,
  TOMBSTONE,
} from './log-format.ts';

const STEP_BYTES = 1024 * 1024;

/** A frame found whole at `offset`. */
export interface ScannedFrame extends FrameHeader {
  readonly offset: number;
}

export interface SegmentScan {
  readonly frames: readonly ScannedFrame[];
  /** Offset of the first frame with a bad checksum, or of the unused rest. */
  readonly endOffset: number;
  /** The highest durable mark in any whole frame, also behind `endOffset`. */
  readonly durableMark: number;
  /** Whether bytes at or after `endOffset` are neither zero nor left from an earlier use of the file. */
  readonly framesBehind: number;
}

/** `bytes` is the whole segment, 8-byte aligned in its buffer. */
export function scanSegment(bytes: Uint8Array, segment: number, seed: number): SegmentScan {
  const steps = scanSteps(bytes, segment, seed);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `scanSegment`, at most `STEP_BYTES` and one frame a step. */
export function* scanSteps(
  bytes: Uint8Array,
  segment: number,
  seed: number,
): Generator<undefined, SegmentScan, void> {
  const reader = new FrameReader(bytes, segment, seed);
  const frames: ScannedFrame[] = [];
  let durableMark = 0;
  let offset = SEGMENT_HEADER_BYTES;
  let pauseAt = STEP_BYTES;
  for (;;) {
    const frame = reader.frameAt(offset);
    if (frame === undefined) break;
    if (offset >= pauseAt) {
      yield;
      pauseAt = offset + STEP_BYTES;
    }
    frames.push(frame);
    durableMark = Math.max(durableMark, frame.durableLsn);
    offset += frame.bytes;
  }
  const endOffset = offset;
  let framesBehind = 0;
  for (offset += 8; offset + FRAME_HEADER_BYTES <= bytes.length; offset += 8) {
    if (offset >= pauseAt) {
      yield;
      pauseAt = offset + STEP_BYTES;
    }
    if (!reader.mayBegin(offset)) continue;
    const frame = reader.frameAt(offset);
    if (frame === undefined) continue;
    framesBehind++;
    durableMark = Math.max(durableMark, frame.durableLsn);
    offset += frame.bytes - 8;
  }
  return { frames, endOffset, durableMark, framesBehind };
}

/** Looks for whole frames in a segment's bytes. */
class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #floats: Float64Array;
  readonly #segment: number;
  readonly #seed: number;

  constructor(bytes: Uint8Array, segment: number, seed: number) {
    this.#bytes = bytes;
    const whole = bytes.length & ~7;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, whole >> 2);
    this.#floats = new Float64Array(bytes.buffer, bytes.byteOffset, whole >> 3);
    this.#segment = segment >>> 0;
    this.#seed = seed;
  }

  /** A cheap test that passes wherever a frame of this segment begins. */
  mayBegin(offset: number): boolean {
    const word = offset >> 2;
    return this.#words[word + 8] === this.#segment && this.#words[word + 1] !== 0;
  }

  frameAt(offset: number): ScannedFrame | undefined {
    if (offset + FRAME_HEADER_BYTES > this.#bytes.length || !this.mayBegin(offset))
      return undefined;
    const word = offset >> 2;
    const float = offset >> 3;
    const bytes = this.#words[word + 1]!;
    const entries = this.#words[word + 10]!;
    const payloadBytes = this.#words[word + 11]!;
    if (bytes !== frameBytes(payloadBytes) || offset + bytes > this.#bytes.length) return undefined;
    const sum = checksum(this.#bytes, offset + 4, offset + bytes, frameSeed(this.#seed, offset));
    if (sum !== this.#words[word]) return undefined;
    if (!entriesFit(this.#words, offset + FRAME_HEADER_BYTES, payloadBytes, entries)) {
      return undefined;
    }
    return {
      offset,
      bytes,
      lsn: this.#floats[float + 1]!,
      previousLsn: this.#floats[float + 2]!,
      durableLsn: this.#floats[float + 3]!,
      entries,
      payloadBytes,
      wallMs: this.#floats[float + 6]!,
    };
  }
}

/** Whether `count` entries fill the payload exactly. Guards against a checksum that is no proof. */
function entriesFit(words: Uint32Array, start: number, length: number, count: number): boolean {
  let offset = start;
  const end = start + length;
  for (let i = 0; i < count; i++) {
    if (offset + ENTRY_HEADER_BYTES > end) return false;
    const keyLength = words[offset >> 2]!;
    const valueLength = words[(offset >> 2) + 1]!;
    if (keyLength === 0) return false;
    offset += entryBytes(keyLength, valueLength === TOMBSTONE ? 0 : valueLength);
  }
  return offset === end;
}
