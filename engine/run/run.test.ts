import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../harness/simulation/sim/world.ts';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { driveSteps } from '../env/background.ts';
import { compareBytes, copyRange, utf8 } from '../format/bytes.ts';
import type { Problem } from '../verify/problem.ts';
import { verifyRun } from '../verify/verify-run.ts';
import { BlockCache } from './block-cache.ts';
import { Lookup } from './lookup.ts';
import { RunCursor } from './run-cursor.ts';
import { type RunMeta, runFileName } from './run-format.ts';
import { RunReader } from './run-reader.ts';
import { RunStream } from './run-stream.ts';
import { RunWriter } from './run-writer.ts';
import { slabOver } from './slab.ts';

const SEEDS = { hashSeed: 5, hashSecret: [6, 7] } as const;

interface Version {
  readonly key: Uint8Array;
  readonly lsn: number;
  readonly value: Uint8Array | null;
}

let world: World;
beforeEach(() => {
  world = engineWorld();
});

const padded = (bytes: readonly number[]) =>
  new Uint8Array([...bytes, ...Array.from({ length: -bytes.length & 3 }, () => 0)]);

async function writeRun(
  versions: readonly Version[],
  number = 1,
  packed = false,
): Promise<RunMeta> {
  const path = `store/${runFileName(number)}`;
  const target = {
    path,
    number,
    tier: 0,
    ...SEEDS,
    blockBytes: packed ? 2048 : 512,
    packed,
  };
  const writer = new RunWriter(world.disk, target);
  for (const { key, lsn, value } of versions) {
    const { bytes, words } = slabOver(padded([...key, ...(value ?? [])]));
    writer.add({
      bytes,
      words,
      keyOffset: 0,
      keyLength: key.length,
      valueLength: value?.length ?? 0,
      lsn,
      isTombstone: value === null,
    });
  }
  return (await driveSteps(writer.finish(1, 1000))).meta;
}

const reader = (meta: RunMeta, cacheBytes = 4096) =>
  new RunReader(world.disk, 'store', meta, new BlockCache(cacheBytes, 512));

const versions = fc
  .uniqueArray(
    fc.record({
      key: fc.uint8Array({ minLength: 1, maxLength: 4, max: 3 }),
      lsn: fc.integer({ min: 1, max: 20 }),
      value: fc.option(fc.uint8Array({ maxLength: 900 }), { freq: 5 }),
    }),
    { selector: ({ key, lsn }) => `${key}/${lsn}`, minLength: 1, maxLength: 60 },
  )
  .map((all) => all.sort((a, b) => compareBytes(a.key, b.key) || b.lsn - a.lsn));

describe('a run', () => {
  it('finds for each key the newest version at or before any lsn', async () => {
    await fc.assert(
      fc.asyncProperty(
        versions,
        fc.nat(21),
        fc.nat(9000),
        fc.boolean(),
        async (all, atLsn, cacheBytes, packed) => {
          world = engineWorld();
          const run = reader(await writeRun(all, 1, packed), cacheBytes);
          const lookup = new Lookup(SEEDS);
          for (const { key } of all) {
            lookup.begin(key, atLsn);
            const same = (version: Version) => compareBytes(version.key, key) === 0;
            const expected = all.find((version) => same(version) && version.lsn <= atLsn);
            expect(run.find(lookup)).toBe(expected !== undefined);
            if (expected === undefined) continue;
            expect(lookup.lsn).toBe(expected.lsn);
            expect(lookup.copyValue()).toEqual(expected.value ?? undefined);
          }
          lookup.begin(utf8.encode('absent'), atLsn);
          expect(run.find(lookup)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds the same without its point index, while that is read elsewhere', async () => {
    const count = 800_000; // its index is too large to be waited for
    const keyOf = (number: number) => utf8.encode(String(number).padStart(8, '0'));
    const meta = await writeRun(
      Array.from({ length: count }, (_, i) => ({ key: keyOf(2 * i), lsn: 1, value: null })),
    );
    const asked: RunMeta[] = [];
    let fail: ((error: Error) => void) | undefined;
    const run = new RunReader(world.disk, 'store', meta, new BlockCache(2 ** 20, 512), {
      loadPoints: (wanted) => {
        asked.push(wanted);
        return new Promise((_, reject) => {
          fail = reject;
        });
      },
    });
    const lookup = new Lookup(SEEDS);
    for (let i = 0; i < 2 * count; i += 9973) {
      lookup.begin(keyOf(i), 9);
      expect(run.find(lookup)).toBe(i % 2 === 0);
    }
    expect(asked).toEqual([meta]);
    fail!(new Error('no index'));
    await Promise.resolve();
    await Promise.resolve();
    expect(() => run.find(lookup)).toThrow('no index');
  });

  it('walks any range in both directions', async () => {
    const bound = fc.option(fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 }), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(
        versions,
        bound,
        bound,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        async (all, from, to, reverse, packed, streamed) => {
          world = engineWorld();
          const meta = await writeRun(all, 1, packed);
          const source =
            streamed && !reverse ? new RunStream(world.disk, 'store', meta) : reader(meta);
          const cursor = new RunCursor(source, { from, to, reverse });
          const seen: string[] = [];
          for (; cursor.valid; cursor.next()) {
            const key = copyRange(cursor.bytes, cursor.keyOffset, cursor.keyLength);
            seen.push(`${key}@${cursor.lsn}`);
          }
          const inside = all.filter(
            ({ key }) =>
              (from === undefined || compareBytes(key, from) >= 0) &&
              (to === undefined || compareBytes(key, to) < 0),
          );
          const expected = inside.map(({ key, lsn }) => `${key}@${lsn}`);
          expect(seen).toEqual(reverse ? expected.reverse() : expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps its cache within the limit and still answers', async () => {
    const all = Array.from({ length: 200 }, (_, i) => ({
      key: utf8.encode(String(i).padStart(4, '0')),
      lsn: 1,
      value: new Uint8Array(100),
    }));
    const cache = new BlockCache(2048, 512);
    const run = new RunReader(world.disk, 'store', await writeRun(all), cache);
    const lookup = new Lookup(SEEDS);
    for (const { key } of [...all, ...all]) {
      lookup.begin(key, 9);
      expect(run.find(lookup)).toBe(true);
      expect(cache.usedBytes).toBeLessThanOrEqual(2048);
    }
  });

  it('refuses a block with a flipped bit, and a block in the place of another', async () => {
    const all = Array.from({ length: 20 }, (_, i) => ({
      key: utf8.encode(String(i).padStart(4, '0')),
      lsn: 1,
      value: new Uint8Array(100).fill(i),
    }));
    const meta = await writeRun(all);
    const path = `store/${runFileName(1)}`;
    const file = world.disk.open(path, 'write');
    const [first, second] = [new Uint8Array(512), new Uint8Array(512)];
    world.disk.readAt(file, first, 0);
    world.disk.readAt(file, second, 512);
    world.disk.writeAt(file, second, 0);
    world.disk.writeAt(file, first, 512);
    expect(() => reader(meta).block(0)).toThrow('checksum of block 0');
    world.disk.writeAt(file, first, 0);
    world.disk.writeAt(file, second, 512);
    expect(reader(meta).block(0).records).toBeGreaterThan(0);
    world.disk.flipBit(path, 8 * 300);
    expect(() => reader(meta).block(0)).toThrow('damaged at byte 0');
  });

  it('is smaller when packed, reads the same, and a flipped bit in it is found', async () => {
    const all = Array.from({ length: 400 }, (_, i) => ({
      key: utf8.encode(String(i).padStart(4, '0')),
      lsn: 1,
      value: new Uint8Array(300).fill(i),
    }));
    const plain = await writeRun(all, 1);
    const packed = await writeRun(all, 2, true);
    expect(packed.bytes).toBeLessThan(plain.bytes);
    const problems: Problem[] = [];
    verifyRun(world.disk, `store/${runFileName(2)}`, packed, SEEDS, problems);
    expect(problems).toEqual([]);
    world.disk.flipBit(`store/${runFileName(2)}`, 8 * 100);
    expect(() => reader(packed).block(0)).toThrow('checksum of block 0');
  });

  it('refuses records that do not ascend', async () => {
    const one = { key: utf8.encode('b'), lsn: 1, value: null };
    const two = { key: utf8.encode('a'), lsn: 2, value: null };
    await expect(writeRun([one, two])).rejects.toThrow('ascend');
  });
});
