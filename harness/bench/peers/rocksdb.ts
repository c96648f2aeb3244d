/**
 * RocksDB through @nxtedition/rocksdb, using the synchronous calls that its own classes use. Calls
 * without a hop through the thread pool are its fastest form.
 */
import { RocksLevel } from '@nxtedition/rocksdb';
import type { BenchOptions, BenchStore, BenchTarget } from '../bench-store.ts';

const QUIET_PROPERTIES = [
  'rocksdb.num-running-compactions',
  'rocksdb.num-running-flushes',
  'rocksdb.compaction-pending',
  'rocksdb.mem-table-flush-pending',
];
/** The synchronous calls do not inherit options given at open. */
const BUFFERS = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
const QUIET_CHECK_MS = 200;

async function rocksStore(options: BenchOptions): Promise<BenchStore> {
  const database = new RocksLevel(options.directory, {
    ...BUFFERS,
  });
  await database.open({
    createIfMissing: true,
    infoLogLevel: 'error',
    ...(options.cacheBytes === undefined ? {} : tuned(options.cacheBytes)),
  });
  const putOne = (key: Buffer, value: Buffer, sync: boolean) => {
    const batch = database._chainedBatch();
    batch._put(key, value);
    batch._writeSync({ sync });
    batch._closeSync();
  };
  /** Writing this key with a sync makes all earlier writes durable. */
  let last: [Buffer, Buffer] | undefined;
  return {
    concurrentWriters: false,
    write({ keys, values, count }, durable) {
      const batch = database._chainedBatch();
      for (let i = 0; i < count; i++) batch._put(keys[i]!, values[i]!);
      last = [keys[count - 1]!, values[count - 1]!];
      batch._writeSync({ sync: durable });
      batch._closeSync();
    },
    put: (key, value) => putOne(key, value, false),
    putDurable: (key, value) => putOne(key, value, true),
    get: (key) => database._getManySync([key], BUFFERS)[0] ?? undefined,
    getMany: (keys) => database._getManySync(keys, BUFFERS),
    scan(from, limit, reverse, visit) {
      const { rows } = database.querySync(
        reverse ? { lte: from, reverse, limit, ...BUFFERS } : { gte: from, limit, ...BUFFERS },
      );
      for (let i = 0; i < rows.length; i += 2) visit(rows[i]!, rows[i + 1]!);
    },
    sync() {
      if (last !== undefined) putOne(...last, true);
    },
    async settle() {
      const busy = () =>
        QUIET_PROPERTIES.some((name) => Number(database.getProperty(name) || 0) > 0);
      for (let quiet = 0; quiet < 3; ) {
        quiet = busy() ? 0 : quiet + 1;
        await new Promise((resolve) => setTimeout(resolve, QUIET_CHECK_MS));
      }
    },
    close: () => database.close(),
    cacheCapacity: () => Number(database.getProperty('rocksdb.block-cache-capacity')),
    figures: () => ({}),
  };
}

function tuned(cacheBytes: number) {
  return {
    parallelism: 2,
    walCompression: false,
    compaction: 'level',
    compression: false,
    memtableMemoryBudget: 256 * 2 ** 20,
    cacheSize: cacheBytes,
    optimize: 'point-lookup',
  } as const;
}

export const rocksdb: BenchTarget = {
  name: 'rocksdb',
  tuning:
    '@nxtedition/rocksdb: level compaction, 64 MiB memtables, no compression, point-lookup tables',
  cacheBytesMax: 2 ** 32 - 1, // the package holds `cacheSize` in 32 bits
  open: rocksStore,
};
