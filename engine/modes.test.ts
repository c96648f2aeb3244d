/** What the options of a store promise: how long versions are kept, and what is durable when. */
import { describe, expect, it } from 'vitest';
import type { CrashMode } from '../harness/contract/fault.ts';
import {
  engineWorldAfter,
  scheduledEngineWorld,
} from '../harness/targets/reference-engine-world.ts';
import { type Database, isStoreError, type OpenOptions, open, utf8 } from './index.ts';

const OPTIONS = { directory: 'store', segmentBytes: 4096, blockBytes: 512, fanIn: 3 } as const;
const bytes = utf8.encode;

type Sleep = (ms: number) => Promise<void>;

/** Runs `body` on a store in virtual time; answers what a crash at its end leaves. */
async function leftAfter(
  options: Partial<OpenOptions>,
  mode: CrashMode,
  body: (database: Database, sleep: Sleep) => Promise<void>,
): Promise<string[]> {
  const world = scheduledEngineWorld();
  const all = { ...OPTIONS, ...options };
  const run = async () => {
    const database = await open(world.env, all);
    await body(database, (ms) => world.scheduler.sleep(ms));
  };
  await world.scheduler.runUntil(run());
  const left = await open(engineWorldAfter(world, mode).env, all);
  return Array.from(left.range(), ({ key }) => utf8.decode(key));
}

const putAll = async (database: Database, names: string) => {
  for (const name of names) await database.put(bytes(name), bytes('x'));
};

describe('durability', () => {
  it('none: a power cut takes what was not synced, a kill nothing', async () => {
    const body = (database: Database) => putAll(database, 'abc');
    expect(await leftAfter({ durability: 'none' }, 'none-kept', body)).toEqual([]);
    expect(await leftAfter({ durability: 'none' }, 'kill', body)).toEqual(['a', 'b', 'c']);
  });

  it('none: sync, and a commit that asks for it, keep all that came before', async () => {
    const synced = await leftAfter({ durability: 'none' }, 'none-kept', async (database) => {
      await putAll(database, 'ab');
      await database.sync();
      await putAll(database, 'c');
    });
    expect(synced).toEqual(['a', 'b']);
    const asked = await leftAfter({ durability: 'none' }, 'none-kept', async (database) => {
      await putAll(database, 'ab');
      await database.put(bytes('c'), bytes('x'), { durability: 'sync' });
      await putAll(database, 'd');
    });
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('interval: what is older than the interval is kept, and new commits do not wait', async () => {
    const durability = { intervalMs: 50 };
    const kept = await leftAfter({ durability }, 'none-kept', async (database, sleep) => {
      await putAll(database, 'ab');
      await sleep(60);
      await putAll(database, 'c');
    });
    expect(kept).toEqual(['a', 'b']);
    const later = await leftAfter({ durability }, 'none-kept', async (database, sleep) => {
      await putAll(database, 'ab');
      await sleep(60);
      await putAll(database, 'c');
      await sleep(60);
    });
    expect(later).toEqual(['a', 'b', 'c']);
  });

  it('sync: an acknowledged commit is kept at once', async () => {
    const body = (database: Database) => putAll(database, 'abc');
    expect(await leftAfter({}, 'none-kept', body)).toEqual(['a', 'b', 'c']);
  });
});

describe('retention', () => {
  it('keeps versions for as long as asked, and no longer', async () => {
    await leftAfter({ retain: { ageMs: 60_000 } }, 'kill', async (database, sleep) => {
      const write = async (value: string) =>
        (await database.put(bytes('k'), bytes(value))).timestamp;
      const past = (timestamp: number) => {
        using snapshot = database.snapshotAt(timestamp);
        return utf8.decode(snapshot.get(bytes('k'))!);
      };
      const first = await write('1');
      await sleep(20_000);
      const second = await write('2');
      await sleep(30_000);
      await write('3');
      await database.compact();
      expect([past(first), past(second)]).toEqual(['1', '2']);
      expect(database.stats().runRecords).toBe(3);
      await sleep(45_000); // the second is what a snapshot of a minute ago shows
      await write('4');
      await database.compact();
      expect(past(second)).toBe('2');
      expect(() => past(first)).toThrow('below the safe point');
      expect(database.stats().runRecords).toBe(3);
      await sleep(500_000);
      await write('5');
      await database.compact();
      expect(database.stats().runRecords).toBe(2); // the last before, and this one
    });
  });
});

describe('back-pressure', () => {
  it('keeps what is unflushed within its limit, by letting writers wait', async () => {
    await leftAfter({ durability: 'none', maxUnflushedBytes: 12_288 }, 'kill', async (database) => {
      for (let i = 0; i < 200; i++) {
        await database.put(bytes(`k${i}`), new Uint8Array(300));
        expect(database.stats().unflushedBytes).toBeLessThanOrEqual(12_288);
      }
      expect(database.stats().stalls).toBeGreaterThan(0);
      expect(database.stats().stallMs).toBeGreaterThan(0);
      expect(database.stats().flushes).toBeGreaterThan(3);
    });
  });

  it('is refused where it leaves no room for a second segment', async () => {
    const world = scheduledEngineWorld();
    const code = await open(world.env, { ...OPTIONS, maxUnflushedBytes: 5000 }).catch(
      (error: unknown) => (isStoreError(error) ? error.code : error),
    );
    expect(code).toBe('invalid-options');
  });
});
