import { describe, expect, it } from 'vitest';
import { scheduledEngineWorld } from '../../harness/targets/reference-engine-world.ts';
import { type Database, open, utf8 } from '../index.ts';

const OPTIONS = {
  directory: 'store',
  segmentBytes: 512 * 1024,
  blockBytes: 1024,
  fanIn: 4,
  cacheBytes: 4 * 2 ** 20,
} as const;
const KEYS = 3000;
/** Each round writes, or deletes, other keys than the one before. */
const ROUNDS = 4;
const STRIDES = [1, 2, 3, 5];

const keyOf = (i: number) => utf8.encode(`key ${String(i).padStart(6, '0')}`);
const model = () => new Map<number, string>();

async function writeRound(database: Database, round: number, expected: Map<number, string>) {
  for (let i = 0; i < KEYS; i += STRIDES[round]!) {
    if ((i + round) % 7 === 0 && round > 0) {
      expected.delete(i);
      await database.delete(keyOf(i));
    } else {
      const value = `round ${round} of ${i} ${'x'.repeat(60)}`;
      expected.set(i, value);
      await database.put(keyOf(i), utf8.encode(value));
    }
  }
}

function readAll(database: Database, expected: Map<number, string>, step = 1): number {
  let wrong = 0;
  for (let i = 0; i < KEYS; i += step) {
    const value = database.get(keyOf(i));
    if ((value === undefined ? undefined : utf8.decode(value)) !== expected.get(i)) wrong++;
  }
  return wrong;
}

/** Runs `body` in virtual time. */
async function inWorld(
  body: (
    database: Database,
    sleep: (ms: number) => Promise<void>,
    files: () => readonly string[],
  ) => Promise<void>,
): Promise<void> {
  const world = scheduledEngineWorld();
  const files = () => world.env.disk.list('store').filter((name) => name.endsWith('.sst'));
  const run = async () => {
    const database = await open(world.env, { ...OPTIONS, durability: 'none' });
    await body(database, (ms) => world.scheduler.sleep(ms), files);
    await database.close();
  };
  await world.scheduler.runUntil(run());
}

describe('handing over from merge inputs to their output', () => {
  it('answers every read right at every step, and keeps the cache warm', async () => {
    await inWorld(async (database, sleep, files) => {
      const expected = model();
      for (let round = 0; round < ROUNDS; round++) {
        await writeRound(database, round, expected);
        expect(readAll(database, expected)).toBe(0);
        await database.checkpoint();
        for (const _ of database.range()); // a walk brings every block into the cache
      }
      while (database.stats().compactions === 0) {
        await sleep(0.05);
        expect(readAll(database, expected, 50)).toBe(0);
      }
      let looks = 0;
      for (; files().length > 1; looks++) {
        expect(readAll(database, expected, 10)).toBe(0);
        const forwards = Array.from(database.range(), ({ key }) => utf8.decode(key));
        expect(forwards).toHaveLength(expected.size);
        const range = { to: keyOf((looks * KEYS) / 10), reverse: true };
        const backwards = Array.from(database.range(range), ({ key }) => utf8.decode(key));
        expect(backwards.reverse()).toEqual(forwards.slice(0, backwards.length));
        await sleep(0.4);
      }
      expect(looks).toBeGreaterThan(5);
      const { cacheMisses } = database.stats();
      expect(readAll(database, expected)).toBe(0);
      expect(database.stats().cacheMisses).toBe(cacheMisses);
    });
  });

  it('has what was flushed in the cache, whether or not it was read in memory', async () => {
    for (const isRead of [true, false]) {
      await inWorld(async (database, sleep) => {
        const expected = model();
        await writeRound(database, 0, expected);
        if (isRead) expect(readAll(database, expected)).toBe(0);
        await database.checkpoint();
        await sleep(1000);
        expect(database.stats().runs).toBe(1);
        const { cacheMisses } = database.stats();
        expect(readAll(database, expected)).toBe(0);
        expect(database.stats().cacheMisses).toBe(cacheMisses);
      });
    }
  });

  it('ends at once when the store is closed, and leaves no file behind', async () => {
    const world = scheduledEngineWorld();
    const run = async () => {
      const database = await open(world.env, { ...OPTIONS, durability: 'none' });
      const expected = model();
      for (let round = 0; round < ROUNDS - 1; round++) {
        await writeRound(database, round, expected);
        expect(readAll(database, expected)).toBe(0);
        await database.checkpoint();
      }
      const { compactions } = database.stats();
      database.compact().catch(() => undefined);
      while (database.stats().compactions === compactions) await world.scheduler.sleep(0.05);
      await database.close();
      const runs = world.env.disk.list('store').filter((name) => name.endsWith('.sst'));
      expect(runs).toHaveLength(1);
      const again = await open(world.env, OPTIONS);
      expect(readAll(again, expected)).toBe(0);
      await again.close();
    };
    await world.scheduler.runUntil(run());
  });
});
