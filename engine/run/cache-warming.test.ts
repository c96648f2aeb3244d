import { expect, it } from 'vitest';
import { scheduledEngineWorld } from '../../harness/targets/reference-engine-world.ts';
import { open } from '../open.ts';

const SMALL = { directory: 'store', segmentBytes: 16_384, blockBytes: 512, fanIn: 4 };
const RECORDS = 600;
const key = (i: number) => new TextEncoder().encode(`key ${i}`);

it('reads a store that was opened into the cache, while nobody writes, as far as there is room', async () => {
  const { env, disk, scheduler } = scheduledEngineWorld();
  const within = <T>(work: Promise<T>) => scheduler.runUntil(work);
  const first = await within(open(env, { ...SMALL, durability: 'none' }));
  for (let i = 0; i < RECORDS; i++) await within(first.put(key(i), new Uint8Array(100).fill(i)));
  await within(first.compact());
  const { runBytes } = first.stats();
  await within(first.close());

  for (const cacheBytes of [2 * runBytes, Math.floor(runBytes / 4)]) {
    const store = await within(open(env, { ...SMALL, cacheBytes }));
    await within(store.put(key(0), new Uint8Array(1)));
    await within(scheduler.sleep(50));
    expect(store.stats().cacheBytes).toBe(0);
    await within(scheduler.sleep(10_000));
    const { cacheBytes: cached, cacheMisses } = store.stats();
    expect(cached).toBeGreaterThan(Math.min(cacheBytes, runBytes) / 2);
    expect(cached).toBeLessThanOrEqual(cacheBytes);
    // Blocks that did not fit were not read.
    expect(512 * cacheMisses).toBeLessThanOrEqual(cached);
    if (cacheBytes > runBytes) {
      store.get(key(1)); // brings the point index
      const before = disk.bytesRead;
      for (let i = 0; i < RECORDS; i++) store.get(key(i));
      expect(disk.bytesRead).toBe(before);
    }
    await within(store.close());
    expect(disk.openFiles).toBe(0);
  }
});
