/** Runs with damaged bytes, and with footers that lie under a checksum that is right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { driveSteps } from '../env/background.ts';
import type { Disk } from '../env/disk.ts';
import { isStoreError } from '../errors.ts';
import { utf8 } from '../format/bytes.ts';
import { checksum } from '../format/checksum.ts';
import { BlockCache } from './block-cache.ts';
import { Lookup } from './lookup.ts';
import { FOOTER_BYTES, type RunMeta, runFileName } from './run-format.ts';
import { RunReader } from './run-reader.ts';
import { RunWriter } from './run-writer.ts';
import { slabOver } from './slab.ts';

const SEEDS = { hashSeed: 5, hashSecret: [6, 7] } as const;
const KEYS = 60;
const PATH = `store/${runFileName(1)}`;
const keyOf = (i: number) => utf8.encode(`key ${String(i).padStart(4, '0')}`);
const textAt = (i: number) => `value ${i} `.repeat(1 + (i % 9));

async function writtenRun(packed: boolean): Promise<{ bytes: Uint8Array; meta: RunMeta }> {
  const { disk } = engineWorld();
  const target = {
    path: PATH,
    number: 1,
    tier: 0,
    ...SEEDS,
    blockBytes: 512,
    packed,
  };
  const writer = new RunWriter(disk, target);
  for (let i = 0; i < KEYS; i++) {
    const key = keyOf(i);
    const value = utf8.encode(textAt(i));
    const padded = new Uint8Array(Math.ceil((key.length + value.length) / 4) * 4);
    padded.set(key);
    padded.set(value, key.length);
    const { bytes, words } = slabOver(padded);
    const lengths = { keyLength: key.length, valueLength: value.length };
    writer.add({ bytes, words, keyOffset: 0, ...lengths, lsn: 1, isTombstone: false });
  }
  const { meta } = await driveSteps(writer.finish(1, 1));
  const file = disk.open(PATH, 'read');
  const bytes = new Uint8Array(disk.size(file));
  disk.readAt(file, bytes, 0);
  return { bytes, meta };
}

/** Reads every key: each answer is the right one, or a typed error, or an honest "not here". */
function readAll(bytes: Uint8Array, meta: RunMeta): { right: number; wrong: string[] } {
  const disk: Disk = engineWorld().disk;
  disk.writeAt(disk.open(PATH, 'create'), bytes, 0);
  const reader = new RunReader(
    disk,
    'store',
    { ...meta, bytes: bytes.length },
    new BlockCache(8192, 512),
  );
  const lookup = new Lookup(SEEDS);
  let right = 0;
  const wrong: string[] = [];
  for (let i = 0; i < KEYS; i++) {
    try {
      lookup.begin(keyOf(i), 9);
      if (!reader.find(lookup)) continue;
      const value = utf8.decode(lookup.copyValue()!);
      if (value === textAt(i)) right++;
      else wrong.push(`key ${i} reads ${value}`);
    } catch (error) {
      if (!isStoreError(error)) wrong.push(`key ${i}: ${(error as Error)?.stack}`);
    }
  }
  return { right, wrong };
}

function reseal(bytes: Uint8Array): void {
  const footer = bytes.subarray(bytes.length - FOOTER_BYTES);
  const sum = checksum(footer, 16, FOOTER_BYTES, checksum(footer, 0, 12, 0));
  new DataView(footer.buffer, footer.byteOffset).setUint32(12, sum, true);
}

describe.each([false, true])('a run (packed: %s)', (packed) => {
  it('reads whole when nothing was done to it', async () => {
    const { bytes, meta } = await writtenRun(packed);
    expect(readAll(bytes, meta)).toEqual({ right: KEYS, wrong: [] });
  });

  it('never crashes and never answers wrongly, whatever bytes are changed, cut or added', async () => {
    const { bytes, meta } = await writtenRun(packed);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }),
        fc.nat(64),
        fc.boolean(),
        (changes, cut, grow) => {
          const size = grow ? bytes.length + cut : bytes.length - cut;
          const damaged = new Uint8Array(size);
          damaged.set(bytes.subarray(0, Math.min(size, bytes.length)));
          for (const [at, by] of changes) if (at < size) damaged[at]! ^= by;
          expect(readAll(damaged, meta).wrong).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never crashes or asks for memory that is not there, when its footer lies', async () => {
    const { bytes, meta } = await writtenRun(packed);
    const lie = fc.oneof(
      fc.double(),
      fc.integer({ min: -1, max: 10_000 }),
      fc.constantFrom(2 ** 31, 2 ** 40, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const words = fc.constantFrom(16, 20, 24, 28, 104);
    fc.assert(
      fc.property(
        fc.constantFrom(3, 4, 5, 6, 7, 8),
        lie,
        words,
        fc.nat(),
        fc.boolean(),
        (float, value, word, other, alsoWord) => {
          const damaged = bytes.slice();
          const view = new DataView(damaged.buffer, damaged.length - FOOTER_BYTES);
          view.setFloat64(32 + 8 * float, value, true);
          if (alsoWord) view.setUint32(word, other, true);
          reseal(damaged);
          expect(readAll(damaged, meta).wrong).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes raw bytes for no run', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (raw) => {
        const meta = { number: 1, tier: 0, bytes: raw.length, records: 1, minLsn: 1, maxLsn: 1 };
        expect(readAll(raw, meta)).toEqual({ right: 0, wrong: [] });
      }),
    );
  });
});
