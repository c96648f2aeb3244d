/** PostgreSQL: with its defaults, and with each setting that trades durability for speed. */
import { join } from 'node:path';
import { driver } from '../../../targets/client/driver.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { copyInstallation, type Installer } from './installation.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

const USER = 'postgres';

interface Configuration {
  readonly settings?: readonly string[];
  /** Kind of table; default: an ordinary one. */
  readonly table?: 'UNLOGGED';
  /**
   * Each record also changes many pages of a second table larger than the buffer pool, so that pages
   * are written back early.
   */
  readonly churns?: boolean;
}

/** Rows of the second table, about eight per page; each record changes one row in `STRIDE`. */
const ROWS = 2000;
const STRIDE = 97;
const FILLER = 'repeat(md5(random()::text), 28)';
const SMALL_MEMORY = ['shared_buffers=512kB', 'max_connections=5'];

const INSTALLER: Installer = {
  program: 'initdb',
  user: USER,
  args: (data) => ['-D', data, '-U', 'assay', '--auth=trust', '-E', 'UTF8', '--locale=C', '-k'],
};

async function start(
  place: Place,
  first: boolean,
  { settings = [], table, churns = false }: Configuration,
): Promise<RunningVictim> {
  const data = join(place.directory, 'data');
  if (first) await copyInstallation(INSTALLER, data);
  const port = await freePort();
  const all = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'shared_buffers=16MB',
    'max_wal_size=64MB',
    'wal_writer_delay=10s',
    ...(churns ? SMALL_MEMORY : []),
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
      if (churns) {
        await client!.query('CREATE TABLE pages (id integer PRIMARY KEY, filler text)');
        await client!.query(
          `INSERT INTO pages SELECT id, ${FILLER} FROM generate_series(1, ${ROWS}) id`,
        );
      }
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
      if (!churns) return;
      await client!.query(`UPDATE pages SET filler = ${FILLER} WHERE id % ${STRIDE} = $1`, [
        number % STRIDE,
      ]);
    },
    async read() {
      // Page checksums, which also cover the second table, reveal damaged pages.
      if (churns) await client!.query('SELECT sum(length(filler)) FROM pages');
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
  postgres('wal_sync_method=open_sync', 'keeps', { settings: ['wal_sync_method=open_sync'] }),
  postgres('wal_sync_method=open_datasync', 'keeps', {
    settings: ['wal_sync_method=open_datasync'],
  }),
  postgres('commit_delay=1000', 'keeps', { settings: ['commit_delay=1000', 'commit_siblings=0'] }),
  postgres('synchronous_commit=off', 'loses', { settings: ['synchronous_commit=off'] }),
  postgres('fsync=off', 'loses', { settings: ['fsync=off'] }),
  postgres('pages written early', 'keeps', { churns: true }),
  {
    // Caught only when a cut tears a page that no later record of the log covers.
    ...postgres('full_page_writes=off', 'loses', {
      settings: ['full_page_writes=off'],
      churns: true,
    }),
    rare: true,
  },
  postgres('unlogged table', 'loses', { table: 'UNLOGGED' }),
];
