/**
 * LMDB through lmdb-js in two configurations: the default, in which a power loss costs at most the last
 * commits, and a writable map without syncs, the fastest one, which its documentation calls unsafe.
 */
import { closeSync, existsSync, fdatasyncSync, mkdirSync, openSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import type { BenchOptions, BenchStore, BenchTarget, RecordBatch } from '../bench-store.ts';

const MAP_BYTES = 64 * 2 ** 30;

function lmdbStore(options: BenchOptions, useWritemap: boolean): BenchStore {
  mkdirSync(options.directory, { recursive: true });
  const path = `${options.directory}/data.mdb`;
  const overlappingSync = options.durable && !existsSync(path);
  const database: RootDatabase<Buffer, Buffer> = open({
    path,
    noSubdir: true,
    ...(options.cacheBytes === undefined ? {} : { mapSize: MAP_BYTES }),
    keyEncoding: 'binary',
    encoding: 'binary',
    overlappingSync,
    ...(options.durable ? {} : { noSync: true, useWritemap }),
  });
  const putAll = ({ keys, values, count }: RecordBatch) => {
    for (let i = 0; i < count; i++) database.putSync(keys[i]!, values[i]!);
  };
  const durably = async (key: Buffer, value: Buffer) => {
    await database.put(key, value);
    if (overlappingSync) await database.flushed;
  };
  return {
    concurrentWriters: true,
    async write(batch, durable) {
      database.transactionSync(() => putAll(batch));
      if (durable && overlappingSync) await database.flushed;
    },
    put(key, value) {
      database.putSync(key, value);
    },
    putDurable: (key, value) => durably(Buffer.from(key), Buffer.from(value)),
    get: (key) => database.getBinary(key),
    view: (key) => database.getBinaryFast(key),
    getMany: (keys) => keys.map((key) => database.getBinary(key)),
    scan(from, limit, reverse, visit) {
      for (const { key, value } of database.getRange({ start: from, limit, reverse })) {
        visit(key, value);
      }
    },
    async sync() {
      await database.flushed;
      const file = openSync(path, 'r');
      fdatasyncSync(file);
      closeSync(file);
    },
    settle: async () => undefined,
    close: async () => {
      await database.close();
    },
    figures: () => ({}),
  };
}

export const lmdb: BenchTarget = {
  name: 'lmdb',
  tuning: 'lmdb-js, binary, 64 GiB map; noSync and one fdatasync, or a sync each commit if durable',
  open: async (options) => lmdbStore(options, false),
};

export const lmdbWriteMap: BenchTarget = {
  name: 'lmdb-writemap',
  tuning: 'as lmdb, with useWritemap: fastest, and may corrupt when the power fails',
  open: async (options) => lmdbStore(options, true),
};
