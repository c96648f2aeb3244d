import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../harness/simulation/sim/world.ts';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { driveSteps } from '../env/background.ts';
import { utf8 } from '../format/bytes.ts';
import { BlockCache } from './block-cache.ts';
import { Lookup } from './lookup.ts';
import { type RunMeta, runFileName } from './run-format.ts';
import { RunReader } from './run-reader.ts';
import { RunWriter } from './run-writer.ts';
import { slabOver } from './slab.ts';

const SEEDS = { hashSeed: 5, hashSecret: [6, 7] } as const;
const PATH = `store/${runFileName(1)}`;
const RECORDS = 100;
const VALUE_BYTES = 100;
/** The read of a missing block that keeps it: where a free frame is backed by memory, and where none is. */
const KEPT_IF_BACKED = 2;
const KEPT_AT = 16;

const keyOf = (i: number) => utf8.encode(String(i).padStart(4, '0'));

let world: World;
beforeEach(() => {
  world = engineWorld();
});

/** A newer version of every other key lies above `lsn` 1. */
async function writeRun(blockBytes = 4096): Promise<RunMeta> {
  const target = { path: PATH, number: 1, tier: 0, ...SEEDS, blockBytes };
  const writer = new RunWriter(world.disk, { ...target, packed: false });
  for (let i = 0; i < RECORDS; i++) {
    for (const lsn of i % 2 === 0 ? [2, 1] : [1]) {
      const key = keyOf(i);
      const { bytes, words } = slabOver(
        new Uint8Array(key.length + VALUE_BYTES).fill(16 * lsn + i),
      );
      bytes.set(key);
      const record = { bytes, words, keyOffset: 0, keyLength: key.length, lsn, isTombstone: false };
      writer.add({ ...record, valueLength: VALUE_BYTES });
    }
  }
  return (await driveSteps(writer.finish(1, 2))).meta;
}

/** The system has all of the file in memory: no read waits. */
function readAhead(): void {
  const file = world.disk.open(PATH, 'read');
  for (let at = 0; at < world.disk.size(file); at += 512) {
    world.disk.readAt(file, new Uint8Array(1), at);
  }
  world.disk.close(file);
}

function opened(meta: RunMeta, backedBytes = Number.MAX_SAFE_INTEGER) {
  const limitBytes = () => 2 ** 20;
  const grown = () => Int32Array.of(Math.min(backedBytes, 2 ** 20));
  const cache = new BlockCache({ mostBytes: 2 ** 20, limitBytes, grown }, 4096);
  const run = new RunReader(world.disk, 'store', meta, cache);
  const lookup = new Lookup(SEEDS);
  const read = (i: number, atLsn: number): number | undefined => {
    lookup.begin(keyOf(i), atLsn);
    if (!run.find(lookup)) return undefined;
    return lookup.copyValue()?.[VALUE_BYTES - 1];
  };
  return { cache, run, read };
}

describe('a record that is read without its block', () => {
  it('is what its block would have said, at every snapshot', async () => {
    const { read } = opened(await writeRun());
    readAhead();
    for (let i = 0; i < RECORDS; i++) {
      expect(read(i, 1)).toBe((16 + i) & 255);
      expect(read(i, 2)).toBe((16 * (i % 2 === 0 ? 2 : 1) + i) & 255);
      expect(read(i, 0)).toBeUndefined();
    }
    expect(read(RECORDS, 2)).toBeUndefined();
  });

  it.each([
    ['at the second miss, where memory is there for it', Number.MAX_SAFE_INTEGER, KEPT_IF_BACKED],
    ['at the sixteenth, where it is not', 0, KEPT_AT],
  ])('has its block kept %s', async (_, backedBytes, keptAt) => {
    const { cache, read } = opened(await writeRun(), backedBytes);
    readAhead();
    for (let n = 1; n < keptAt; n++) read(1, 2);
    expect(cache.usedBytes).toBe(0);
    expect(cache.misses).toBe(keptAt - 1);
    read(1, 2);
    expect(cache.usedBytes).toBe(4096);
    read(1, 2);
    expect(cache.misses).toBe(keptAt);
  });

  it('has its block kept at once where the read waited for the device', async () => {
    const { cache, read } = opened(await writeRun());
    read(1, 2);
    expect(cache.usedBytes).toBe(4096);
  });

  it('is right or refused, whichever bit of the file is flipped', async () => {
    const meta = await writeRun(512);
    readAhead();
    for (let bit = 0; bit < 8 * 512; bit += 7) {
      world.disk.flipBit(PATH, bit);
      const { read } = opened(meta);
      for (const i of [0, 1, 2]) {
        try {
          expect(read(i, 2)).toBe(16 * (i % 2 === 0 ? 2 : 1) + i);
        } catch (error) {
          expect(error).toMatchObject({ code: 'corruption' });
        }
      }
      world.disk.flipBit(PATH, bit);
    }
  });

  it('is refused in the place of another record of its size', async () => {
    const meta = await writeRun(512);
    readAhead();
    const file = world.disk.open(PATH, 'write');
    const [first, second] = [new Uint8Array(512), new Uint8Array(512)];
    world.disk.readAt(file, first, 0);
    world.disk.readAt(file, second, 512);
    // Block 1 is written over block 0: its records do not pass as block 0's.
    world.disk.writeAt(file, second, 0);
    expect(() => opened(meta).read(0, 2)).toThrow('checksum of block 0');
    world.disk.writeAt(file, first, 0);
    expect(opened(meta).read(0, 2)).toBe(32);
  });
});
