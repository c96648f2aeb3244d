/** All victims: databases installed on this machine, each in the configurations used in practice. */
import { nameOf } from './slice.ts';
import type { Victim } from './victim.ts';
import { EMBEDDED_VICTIMS } from './victims/embedded.ts';
import { ETCD_VICTIMS } from './victims/etcd.ts';
import { MARIADB_VICTIMS } from './victims/mariadb.ts';
import { NATS_VICTIMS } from './victims/nats.ts';
import { POSTGRES_VICTIMS } from './victims/postgres.ts';
import { REDIS_VICTIMS } from './victims/redis.ts';

const ALL: readonly Victim[] = [
  ...EMBEDDED_VICTIMS,
  ...REDIS_VICTIMS,
  ...POSTGRES_VICTIMS,
  ...MARIADB_VICTIMS,
  ...ETCD_VICTIMS,
  ...NATS_VICTIMS,
];

/**
 * These never sync the directory in which one of their files, or the store's own directory, was
 * created. Seen on the model ext4-strict and listed in reports/track-record.md.
 */
const LEAVES_ENTRIES: ReadonlySet<string> = new Set([
  'lmdb, default',
  'leveldb, sync: true',
  'leveldb, sync: true, reopened',
  'rocksdb, sync: true',
  'redis, AOF always',
  'redis, AOF always, while it is rewritten',
  'postgres, pages written early',
  'mariadb, innodb_flush_log_at_trx_commit=1',
  'mariadb, ENGINE=Aria',
  'mariadb, ENGINE=ROCKSDB, kTolerateCorruptedTailRecords',
  'mariadb, ENGINE=ROCKSDB, kPointInTimeRecovery',
  'mariadb, ENGINE=ROCKSDB, kSkipAnyCorruptedRecords',
  'mariadb, ENGINE=ROCKSDB, kAbsoluteConsistency',
  'etcd, default',
]);

export const VICTIMS: readonly Victim[] = ALL.map((victim) =>
  LEAVES_ENTRIES.has(nameOf(victim)) ? { ...victim, leavesEntries: true } : victim,
);
