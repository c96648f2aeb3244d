/** SQLite through better-sqlite3: write-ahead log, one table without row ids. */
import { mkdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { BenchOptions, BenchStore, BenchTarget } from '../bench-store.ts';

const MAP_BYTES = 32 * 2 ** 30;

function sqliteStore(options: BenchOptions): BenchStore {
  mkdirSync(options.directory, { recursive: true });
  const database = new Database(`${options.directory}/data.db`);
  if (options.cacheBytes !== undefined) {
    database.pragma('journal_mode = WAL');
    database.pragma(`cache_size = -${Math.floor(options.cacheBytes / 1024)}`);
    database.pragma(`mmap_size = ${MAP_BYTES}`);
    database.pragma(`wal_autocheckpoint = ${options.durable ? 16384 : 65536}`);
  }
  database.pragma(`synchronous = ${options.durable ? 'FULL' : 'OFF'}`);
  database.exec('CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID');
  const put = database.prepare('INSERT OR REPLACE INTO kv VALUES (?, ?)');
  const get = database.prepare('SELECT v FROM kv WHERE k = ?').pluck();
  const up = database.prepare('SELECT k, v FROM kv WHERE k >= ? ORDER BY k LIMIT ?').raw();
  const down = database.prepare('SELECT k, v FROM kv WHERE k <= ? ORDER BY k DESC LIMIT ?').raw();
  const begin = database.prepare('BEGIN');
  const commit = database.prepare('COMMIT');
  return {
    concurrentWriters: false,
    write({ keys, values, count }) {
      begin.run();
      for (let i = 0; i < count; i++) put.run(keys[i]!, values[i]!);
      commit.run();
    },
    put(key, value) {
      put.run(key, value);
    },
    putDurable(key, value) {
      put.run(key, value);
    },
    get: (key) => get.get(key) as Buffer | undefined,
    getMany: (keys) => keys.map((key) => get.get(key) as Buffer | undefined),
    scan(from, limit, reverse, visit) {
      const rows = (reverse ? down : up).all(from, limit) as [Buffer, Buffer][];
      for (const [key, value] of rows) visit(key, value);
    },
    sync() {
      database.pragma('synchronous = FULL');
      database.pragma('wal_checkpoint(TRUNCATE)');
      if (!options.durable) database.pragma('synchronous = OFF');
    },
    async settle() {
      database.pragma('wal_checkpoint(TRUNCATE)');
    },
    async close() {
      database.close();
    },
    cacheCapacity: () => -1024 * Number(database.pragma('cache_size', { simple: true })),
    figures: () => ({}),
  };
}

export const sqlite: BenchTarget = {
  name: 'sqlite',
  tuning: 'better-sqlite3: WAL, synchronous OFF (FULL if durable), WITHOUT ROWID, mmap 32 GiB',
  open: async (options) => sqliteStore(options),
};
