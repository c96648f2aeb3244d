/**
 * Sessions on Redis: WATCH what is read, write in MULTI … EXEC. Only where the node says that it is
 * a master; nothing is queued, resent or tried again.
 *
 * | answer | outcome |
 * |---|---|
 * | EXEC answers nil, an error reply (READONLY, EXECABORT, NOREPLICAS, …) | definite |
 * | the connection is lost during EXEC | indeterminate |
 */
import type { Redis, RedisOptions } from 'ioredis';
import type { RangeQuery, Session } from '../../contract/target.ts';
import { driver } from '../client/driver.ts';
import { DatabaseError, DISCONNECTED, reading } from '../client/errors.ts';
import { type OptimisticStore, optimisticTransaction } from '../client/optimistic.ts';

const NO_SECOND_TRIES = {
  lazyConnect: true,
  retryStrategy: () => null,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  connectTimeout: 1000,
} satisfies RedisOptions;

/** `address`: `host:port`. Throws when it can't be reached. */
export async function openRedis(address: string): Promise<Redis> {
  const { Redis: Client } = await driver('ioredis', () => import('ioredis'));
  const [host, port] = address.split(':');
  const redis = new Client({ ...NO_SECOND_TRIES, host: host!, port: Number(port) });
  redis.on('error', () => undefined); // every command gets it as well
  await redis.connect();
  return redis;
}

export async function redisSession(address: string): Promise<Session> {
  const redis = await openRedis(address);
  return {
    begin: () =>
      reading(async () => {
        const [role] = (await asked(redis.role())) as [string];
        if (role === 'master') return optimisticTransaction(new RedisTransaction(redis));
        throw new DatabaseError('not-primary', true, `the node is a ${role}`);
      }),
    close: async () => redis.disconnect(),
  };
}

/** All records below a prefix, at one moment. */
const RANGE = `
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  table.insert(found, key)
  table.insert(found, redis.call('GET', key))
end
return found`;

class RedisTransaction implements OptimisticStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async get(key: string): Promise<string | undefined> {
    await asked(this.#redis.watch(key));
    return (await asked(this.#redis.get(key))) ?? undefined;
  }

  async range({ prefix, limit = Number.POSITIVE_INFINITY, reverse = false }: RangeQuery) {
    const flat = (await asked(this.#redis.eval(RANGE, 0, `${prefix}*`))) as string[];
    const all = flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]!] as const] : []));
    all.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    if (reverse) all.reverse();
    const records = all.slice(0, limit);
    if (records.length > 0) await asked(this.#redis.watch(...records.map(([key]) => key)));
    return records;
  }

  async commit(writes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const multi = this.#redis.multi();
    for (const [key, value] of writes) {
      if (value === undefined) multi.del(key);
      else multi.set(key, value);
    }
    if (writes.size === 0) multi.ping(); // what was read must still stand
    const done = await asked(multi.exec());
    if (done === null) throw new DatabaseError('conflict', true, 'something read has changed');
    const failed = done.find(([error]) => error !== null)?.[0];
    if (failed !== undefined) throw redisOutcome(failed);
  }

  async rollback(): Promise<void> {
    await this.#redis.unwatch().catch(() => undefined);
  }
}

async function asked<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw redisOutcome(error);
  }
}

/** What an error means for the transaction it met. */
export function redisOutcome(error: unknown): DatabaseError {
  const { name, message } = error as Error;
  if (name !== 'ReplyError') return new DatabaseError(DISCONNECTED, false, message);
  return new DatabaseError(message.split(' ')[0]!.toLowerCase(), true, message);
}
