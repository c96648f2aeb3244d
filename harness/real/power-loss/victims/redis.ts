/** Redis 7: without its log, with a log synced every second, with one synced always. */
import { join } from 'node:path';
import { driver } from '../../../targets/client/driver.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

async function start(place: Place, settings: readonly string[]): Promise<RunningVictim> {
  const port = await freePort();
  const server = serverAt(place, {
    name: 'redis',
    program: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', place.directory],
      ...['--daemonize', 'no', '--pidfile', join(place.scratch, 'pid')],
      ...settings,
    ],
  });
  const { Redis } = await driver('ioredis', () => import('ioredis'));
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  await server.start(async () => {
    if (client.status !== 'ready') await client.connect();
    await client.ping();
  });
  return {
    pid: server.pid,
    async write(number, token) {
      await client.set(`record:${number}`, token);
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

const redis = (configuration: string, expect: Victim['expect'], settings: readonly string[]) => ({
  system: 'redis',
  configuration,
  expect,
  needs: ['redis'],
  start: (place: Place) => start(place, settings),
});

export const REDIS_VICTIMS: readonly Victim[] = [
  redis('no AOF (default)', 'loses', ['--appendonly', 'no']),
  redis('AOF, appendfsync no', 'loses', ['--appendonly', 'yes', '--appendfsync', 'no']),
  redis('AOF everysec', 'loses', ['--appendonly', 'yes', '--appendfsync', 'everysec']),
  redis('AOF always', 'keeps', ['--appendonly', 'yes', '--appendfsync', 'always']),
];
