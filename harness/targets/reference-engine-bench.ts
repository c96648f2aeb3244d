/** The reference engine as a benchmark drives it. */
import { nodeEnv, open, WriteBatch } from '../../engine/index.ts';
import type { BenchOptions, BenchStore, BenchTarget } from '../bench/bench-store.ts';

async function engineBenchStore(options: BenchOptions): Promise<BenchStore> {
  const store = await open(nodeEnv(), {
    directory: options.directory,
    durability: options.durable ? 'sync' : 'none',
    cacheBytes: options.cacheBytes,
  });
  const group = new WriteBatch();
  let view: Uint8Array | undefined;
  const keep = (value: Uint8Array) => {
    view = value;
  };
  const commit = (): void | Promise<void> => {
    if (options.durable || store.writeNow(group) === 0) return wait();
  };
  const wait = async () => {
    await store.write(group);
  };
  return {
    concurrentWriters: true,
    write({ keys, values, count }) {
      group.clear();
      for (let i = 0; i < count; i++) group.put(keys[i]!, values[i]!);
      return commit();
    },
    put(key, value) {
      group.clear();
      group.put(key, value);
      return commit();
    },
    putDurable: async (key, value) => {
      await store.put(key, value);
    },
    get: (key) => store.get(key),
    view(key) {
      view = undefined;
      store.getView(key, keep);
      return view;
    },
    getMany: (keys) => store.getMany(keys),
    scan(from, limit, reverse, visit) {
      const range = reverse ? { to: Buffer.concat([from, Buffer.alloc(1)]) } : { from };
      for (const { key, value } of store.range({ ...range, reverse, limit })) visit(key, value);
    },
    sync: () => store.sync(),
    settle: () => store.compact(),
    checkpoint: async () => {
      await store.checkpoint();
    },
    compact: () => store.compact(),
    close: () => store.close(),
    figures: () => {
      const stats = store.stats();
      return Object.fromEntries(
        Object.entries(stats).filter((entry): entry is [string, number] => {
          return typeof entry[1] === 'number';
        }),
      );
    },
  };
}

export const engine: BenchTarget = {
  name: 'engine',
  tuning: 'the reference engine at its defaults; durability none and one sync, or sync if durable',
  open: engineBenchStore,
};
