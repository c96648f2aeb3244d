/**
 * Redis 7: without the append-only file, with one synced every second, with one synced always, and
 * during a rewrite of it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { driver } from '../../../targets/client/driver.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

interface Configuration {
  readonly settings: readonly string[];
  /** A rewrite of the log runs while records are written, and does not finish before the cut. */
  readonly isRewritten?: boolean;
}

/** The record after which the rewrite begins, and its duration per existing key. */
const REWRITE_AFTER = 3;
const REWRITE_KEY_MICROSECONDS = 60_000_000;

async function start(
  place: Place,
  { settings, isRewritten = false }: Configuration,
): Promise<RunningVictim> {
  const port = await freePort();
  const server = serverAt(place, {
    name: 'redis',
    program: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', place.directory],
      ...['--daemonize', 'no', '--pidfile', join(place.scratch, 'pid')],
      ...settings,
      ...(isRewritten ? ['--rdb-key-save-delay', String(REWRITE_KEY_MICROSECONDS)] : []),
    ],
  });
  const { Redis } = await driver('ioredis', () => import('ioredis'));
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  const answers = async () => {
    if (client.status !== 'ready') await client.connect();
    await client.ping();
  };
  try {
    await server.start(answers);
  } catch (error) {
    if (!server.lastWords().includes('Bad file format')) throw error;
    repairLog(place.directory);
    await server.start(answers);
  }
  return {
    pid: server.pid,
    async write(number, token) {
      await client.set(`record:${number}`, token);
      if (isRewritten && number === REWRITE_AFTER) await client.bgrewriteaof();
    },
    async read() {
      const keys = await client.keys('record:*');
      return numbersOf(keys.map((key) => key.slice('record:'.length)));
    },
    async kill() {
      client.disconnect();
      await server.kill();
    },
  };
}

/**
 * A log that ends in a half-written command is not loaded: "use redis-check-aof --fix", which cuts that
 * command off (redis.io, persistence).
 */
function repairLog(directory: string): void {
  const folder = join(directory, 'appendonlydir');
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.incr.aof')))
    spawnSync('redis-check-aof', ['--fix', join(folder, name)], { input: 'y\n' });
}

const redis = (
  configuration: string,
  expect: Victim['expect'],
  settings: readonly string[],
  isRewritten = false,
) => ({
  system: 'redis',
  configuration,
  expect,
  needs: ['redis'],
  start: (place: Place) => start(place, { settings, isRewritten }),
});

const ALWAYS = ['--appendonly', 'yes', '--appendfsync', 'always'];

export const REDIS_VICTIMS: readonly Victim[] = [
  redis('no AOF (default)', 'loses', ['--appendonly', 'no']),
  redis('AOF, appendfsync no', 'loses', ['--appendonly', 'yes', '--appendfsync', 'no']),
  redis('AOF everysec', 'loses', ['--appendonly', 'yes', '--appendfsync', 'everysec']),
  redis('AOF always', 'keeps', ALWAYS),
  redis('AOF always, while it is rewritten', 'keeps', ALWAYS, true),
  // "the durability of Redis is the same as appendfsync no" while it is rewritten (redis.conf).
  redis(
    'AOF always, no-appendfsync-on-rewrite',
    'loses',
    [...ALWAYS, '--no-appendfsync-on-rewrite', 'yes'],
    true,
  ),
];
