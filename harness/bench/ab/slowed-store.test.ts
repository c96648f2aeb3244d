import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import type { BenchStore } from '../bench-store.ts';
import { slowStore } from './slowed-store.ts';

/** Calls that take about `ms`; the others are not called here. */
function storeOf(ms: number): BenchStore {
  const busy = () => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  return {
    get(key: Buffer) {
      busy();
      return key;
    },
    async getMany(keys: Buffer[]) {
      busy();
      return keys;
    },
  } as unknown as BenchStore;
}

describe('a store that waits after each call', () => {
  it('answers the same, and takes at least so much longer', async () => {
    const key = Buffer.from('key');
    const slow = slowStore(storeOf(4), 0.5);
    const began = performance.now();
    expect(slow.get(key)).toBe(key);
    expect(performance.now() - began).toBeGreaterThanOrEqual(6);
    const second = performance.now();
    expect(await slow.getMany([key])).toEqual([key]);
    expect(performance.now() - second).toBeGreaterThanOrEqual(5); // a timer may be early by 1 ms
    expect(slow.view).toBeUndefined();
  });
});
