/** All victims: databases of this machine, each in the configurations people run it in. */
import type { Victim } from './victim.ts';
import { EMBEDDED_VICTIMS } from './victims/embedded.ts';
import { ETCD_VICTIMS } from './victims/etcd.ts';
import { MARIADB_VICTIMS } from './victims/mariadb.ts';
import { NATS_VICTIMS } from './victims/nats.ts';
import { POSTGRES_VICTIMS } from './victims/postgres.ts';
import { REDIS_VICTIMS } from './victims/redis.ts';

export const VICTIMS: readonly Victim[] = [
  ...EMBEDDED_VICTIMS,
  ...REDIS_VICTIMS,
  ...POSTGRES_VICTIMS,
  ...MARIADB_VICTIMS,
  ...ETCD_VICTIMS,
  ...NATS_VICTIMS,
];
