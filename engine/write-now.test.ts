import { describe, expect, it } from 'vitest';
import { engineWorld, engineWorldAfter } from '../harness/targets/reference-engine-world.ts';
import { isStoreError, type OpenOptions, open, utf8, WriteBatch } from './index.ts';

const OPTIONS = { directory: 'store', segmentBytes: 4096, blockBytes: 512, fanIn: 3 } as const;
const bytes = utf8.encode;
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function opened(options: Partial<OpenOptions> = {}) {
  const world = engineWorld();
  const all = { ...OPTIONS, durability: 'none', ...options } as const;
  return { world, all, database: await open(world.env, all) };
}

function batchOf(key: string, value: string): WriteBatch {
  const batch = new WriteBatch();
  batch.put(bytes(key), bytes(value));
  return batch;
}

const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return isStoreError(error) ? error.code : String(error);
  }
  return 'none';
};

describe('writeNow', () => {
  it('commits in the same turn, and what it acknowledged survives a kill', async () => {
    const { world, all, database } = await opened();
    const first = database.writeNow(batchOf('k', '1'));
    expect(utf8.decode(database.get(bytes('k'))!)).toBe('1');
    expect(database.writeNow(batchOf('k', '2'))).toBe(first + 1);
    expect(database.writeNow(new WriteBatch())).toBe(0);
    const after = await open(engineWorldAfter(world, 'kill').env, all);
    expect(utf8.decode(after.get(bytes('k'))!)).toBe('2');
  });

  it('is refused where commits wait for the disk, and after the store was closed', async () => {
    const { database } = await opened({ durability: 'sync' });
    expect(codeOf(() => database.writeNow(batchOf('k', '1')))).toBe('invalid-options');
    expect(database.get(bytes('k'))).toBeUndefined();
    const { database: closed } = await opened();
    await closed.close();
    expect(codeOf(() => closed.writeNow(batchOf('k', '1')))).toBe('store-closed');
  });

  it('answers 0 and writes nothing when there is no room, and write waits for some', async () => {
    const { database } = await opened();
    let written = 0;
    const next = () => batchOf(`k${written}`, 'x'.repeat(200));
    while (database.writeNow(next()) !== 0) written++;
    expect(written).toBeGreaterThan(3); // half of a segment
    expect(database.get(bytes(`k${written}`))).toBeUndefined();
    await database.write(next());
    expect([...database.range()]).toHaveLength(written + 1);
  });

  it('counts for checkpoints and for what is retained, as any commit does', async () => {
    const retain = { versions: 5 };
    for (const now of [true, false]) {
      const { database } = await opened({
        segmentBytes: 65_536,
        checkpointEveryBytes: 4000,
        retain,
      });
      const timestamps: number[] = [];
      for (let i = 0; i < 60; i++) {
        const batch = batchOf('k', `${i}`.padEnd(100));
        const timestamp = now ? database.writeNow(batch) : (await database.write(batch)).timestamp;
        timestamps.push(timestamp);
        await settled();
      }
      expect(database.stats().flushes).toBeGreaterThan(1);
      expect(database.stats().flushes).toBeLessThan(6);
      expect(utf8.decode(database.get(bytes('k'))!).trim()).toBe('59');
      using recent = database.snapshotAt(timestamps.at(-5)!);
      expect(utf8.decode(recent.get(bytes('k'))!).trim()).toBe('55');
      expect(codeOf(() => database.snapshotAt(timestamps[3]!))).toBe('snapshot-too-old');
      using dated = database.snapshotAt(new Date(8.64e15));
      expect(dated.timestamp).toBe(timestamps.at(-1));
    }
  });
});
