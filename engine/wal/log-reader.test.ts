import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { utf8 } from '../format/bytes.ts';
import { segmentSeed } from './log-format.ts';
import { scanSegment } from './log-reader.ts';
import { LogSegment, segmentMemory } from './segment.ts';
import { entriesIn, WriteBatch } from './write-batch.ts';

const STORE = '00112233445566778899aabbccddeeff';
const ID = { number: 3, generation: 7 };
const SIZE = 4096;

/** A segment with a commit of one record per given value length. */
function segmentOf(valueLengths: readonly number[], id = ID): LogSegment {
  const file = engineWorld().disk.open('log', 'create');
  const segment = new LogSegment(
    STORE,
    id,
    file,
    segmentMemory(SIZE, { hashSeed: 1, hashSecret: [2, 3] }),
  );
  let previousLsn = 0;
  for (const [i, length] of valueLengths.entries()) {
    const batch = new WriteBatch();
    batch.put(utf8.encode(`key ${i}`), new Uint8Array(length).fill(i + 1));
    const lsn = previousLsn + 1;
    segment.appendCommit(entriesIn(batch), {
      lsn,
      previousLsn,
      durableLsn: previousLsn,
      wallMs: 5,
    });
    previousLsn = lsn;
  }
  return segment;
}

const scan = (bytes: Uint8Array, id = ID) => scanSegment(bytes, id.number, segmentSeed(STORE, id));
const copyOf = (segment: LogSegment) => Uint8Array.from(segment.bytes);

describe('the log reader', () => {
  it('finds every frame that was written', () => {
    const { frames, durableMark, framesBehind } = scan(copyOf(segmentOf([10, 0, 200])));
    expect(frames.map((frame) => [frame.lsn, frame.previousLsn, frame.entries])).toEqual([
      [1, 0, 1],
      [2, 1, 1],
      [3, 2, 1],
    ]);
    expect(durableMark).toBe(2);
    expect(framesBehind).toBe(0);
  });

  it('stops at a frame with any flipped bit, and still sees the marks behind it', () => {
    const clean = copyOf(segmentOf([20, 20, 20]));
    const second = scan(clean).frames[1]!;
    fc.assert(
      fc.property(fc.nat(8 * second.bytes - 1), (bit) => {
        const bytes = Uint8Array.from(clean);
        bytes[second.offset + (bit >> 3)]! ^= 1 << (bit & 7);
        const found = scan(bytes);
        expect(found.frames.map((frame) => frame.lsn)).toEqual([1]);
        expect(found.endOffset).toBe(second.offset);
        expect(found.framesBehind).toBe(1);
        expect(found.durableMark).toBe(2);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a frame of the file’s former life', () => {
    const former = copyOf(segmentOf([30, 30, 30], { number: 2, generation: 7 }));
    expect(scan(former).frames).toEqual([]);
    const sameNumber = copyOf(segmentOf([30, 30], { number: 3, generation: 6 }));
    expect(scan(sameNumber).frames).toEqual([]);
  });

  it('never takes a frame that was moved', () => {
    const bytes = copyOf(segmentOf([24, 24]));
    const [first, second] = scan(bytes).frames;
    const moved = Uint8Array.from(bytes);
    moved.copyWithin(first!.offset, second!.offset, second!.offset + second!.bytes);
    expect(scan(moved).frames).toEqual([]);
  });

  it('survives any bytes without a crash or a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 3000 }), (noise) => {
        const bytes = new Uint8Array(SIZE);
        bytes.set(noise, 512);
        expect(scan(bytes).frames).toEqual([]);
      }),
    );
  });

  it('survives noise in the middle of real frames', () => {
    const clean = copyOf(segmentOf([40, 40, 40, 40]));
    fc.assert(
      fc.property(fc.nat(SIZE - 600), fc.uint8Array({ maxLength: 80 }), (at, noise) => {
        const bytes = Uint8Array.from(clean);
        bytes.set(noise, 512 + at);
        const whole = scan(clean).frames;
        const { frames } = scan(bytes);
        expect(frames).toEqual(whole.slice(0, frames.length));
      }),
    );
  });
});
