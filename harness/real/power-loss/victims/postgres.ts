/** PostgreSQL: with its defaults, and with each of the choices that trade safety for speed. */
import { join } from 'node:path';
import { driver } from '../../../targets/client/driver.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

const USER = 'postgres';

interface Configuration {
  readonly settings?: readonly string[];
  /** What the table is: left out, an ordinary one. */
  readonly table?: 'UNLOGGED';
}

async function start(
  place: Place,
  first: boolean,
  { settings = [], table }: Configuration,
): Promise<RunningVictim> {
  const data = join(place.directory, 'data');
  if (first) {
    const args = ['-D', data, '-U', 'assay', '--auth=trust', '-E', 'UTF8', '--locale=C'];
    await serverAt(place, { name: 'initdb', program: 'initdb', user: USER, args }).run();
  }
  const port = await freePort();
  const all = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'shared_buffers=16MB',
    'max_wal_size=64MB',
    'wal_writer_delay=10s',
    ...settings,
  ];
  const server = serverAt(place, {
    name: 'postgres',
    program: 'postgres',
    user: USER,
    args: ['-D', data, ...all.flatMap((setting) => ['-c', setting])],
  });
  const { default: pg } = await driver('pg', () => import('pg'));
  const connect = async () => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'assay', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  let client: Awaited<ReturnType<typeof connect>> | undefined;
  try {
    await server.start(async () => {
      client = await connect();
    });
    if (first) {
      const columns = '(number integer PRIMARY KEY, token text)';
      await client!.query(`CREATE ${table ?? ''} TABLE records ${columns}`);
      await client!.query('CHECKPOINT');
    }
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    pid: server.pid,
    async write(number, token) {
      await client!.query('INSERT INTO records VALUES ($1, $2)', [number, token]);
    },
    async read() {
      const { rows } = await client!.query('SELECT number FROM records');
      return numbersOf(rows.map((row: { number: number }) => row.number));
    },
    async kill() {
      await server.kill();
      client?.end().catch(() => undefined);
    },
  };
}

const postgres = (name: string, expect: Victim['expect'], configuration: Configuration = {}) => ({
  system: 'postgres',
  configuration: name,
  expect,
  needs: ['postgres'],
  user: USER,
  start: (place: Place, first: boolean) => start(place, first, configuration),
});

export const POSTGRES_VICTIMS: readonly Victim[] = [
  postgres('default', 'keeps'),
  postgres('synchronous_commit=off', 'loses', { settings: ['synchronous_commit=off'] }),
  postgres('fsync=off', 'loses', { settings: ['fsync=off'] }),
  postgres('unlogged table', 'loses', { table: 'UNLOGGED' }),
];
