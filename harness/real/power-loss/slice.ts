/**
 * The configurations tested for each commit: per database, one that keeps acknowledged writes and one
 * that does not, if there is one. The nightly run tests all others.
 */
import type { Victim } from './victim.ts';

export const SLICE: ReadonlySet<string> = new Set([
  'engine, durability sync',
  'engine, durability none',
  'sqlite, WAL, synchronous FULL',
  'sqlite, WAL, synchronous NORMAL',
  'sqlite, DELETE, synchronous EXTRA',
  'sqlite, DELETE, synchronous FULL',
  'lmdb, default',
  'lmdb, noSync',
  'leveldb, sync: true',
  'leveldb, sync: false (default)',
  'rocksdb, sync: true',
  'rocksdb, sync: false (default)',
  'redis, AOF always',
  'redis, AOF always, no-appendfsync-on-rewrite',
  'postgres, default',
  'postgres, synchronous_commit=off',
  'mariadb, innodb_flush_log_at_trx_commit=1',
  'mariadb, innodb_flush_log_at_trx_commit=2',
  'etcd, default',
  'nats, JetStream, default',
]);

export function nameOf({
  system,
  configuration,
}: Pick<Victim, 'system' | 'configuration'>): string {
  return `${system}, ${configuration}`;
}

export function isInSlice(victim: Victim): boolean {
  return SLICE.has(nameOf(victim));
}
