/** LevelDB through classic-level. */
import { ClassicLevel } from 'classic-level';
import type { BenchOptions, BenchStore, BenchTarget } from '../bench-store.ts';

async function levelStore(options: BenchOptions): Promise<BenchStore> {
  const database = new ClassicLevel<Buffer, Buffer>(options.directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    ...(options.cacheBytes === undefined ? {} : tuned(options.cacheBytes)),
  });
  await database.open();
  /** Writing this key with a sync makes all earlier writes durable. */
  let last: [Buffer, Buffer] | undefined;
  return {
    concurrentWriters: true,
    async write({ keys, values, count }, durable) {
      const batch = database.batch();
      for (let i = 0; i < count; i++) batch.put(keys[i]!, values[i]!);
      last = [keys[count - 1]!, values[count - 1]!];
      await batch.write({ sync: durable });
    },
    put: (key, value) => database.put(key, value),
    putDurable: (key, value) => database.put(Buffer.from(key), Buffer.from(value), { sync: true }),
    get: (key) => database.getSync(key),
    getMany: (keys) => database.getMany(keys),
    async scan(from, limit, reverse, visit) {
      const bound = reverse ? { lte: from } : { gte: from };
      const iterator = database.iterator({ ...bound, reverse, limit });
      for (const [key, value] of await iterator.nextv(limit)) visit(key, value);
      await iterator.close();
    },
    async sync() {
      if (last !== undefined) await database.put(...last, { sync: true });
    },
    async settle() {
      await database.compactRange(Buffer.alloc(1), Buffer.alloc(17, 0xff));
    },
    close: () => database.close(),
    figures: () => ({}),
  };
}

function tuned(cacheBytes: number) {
  return {
    compression: false,
    writeBufferSize: 64 * 2 ** 20,
    cacheSize: cacheBytes,
    maxFileSize: 16 * 2 ** 20,
  };
}

export const level: BenchTarget = {
  name: 'level',
  tuning: 'classic-level: 64 MiB write buffer, 16 MiB files, no compression; thread pool of 64',
  cacheBytesMax: 2 ** 32 - 1, // the package holds `cacheSize` in 32 bits
  open: levelStore,
};
