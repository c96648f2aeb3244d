/**
 * PostgreSQL: a primary and a standby that streams from it. Settings: `isolation` (default
 * serializable) and `replication`, async (default) or sync.
 */
import type { Client } from 'pg';
import { type Cluster, defineCluster, type Site } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { soon } from './client/driver.ts';
import { openPostgres, postgresConnection, postgresDialect } from './sql/postgres-connection.ts';
import { sqlSession } from './sql/sql-session.ts';

const USER = 'postgres';
const ASK_MS = 500;
const PRIMARY = 0;
const STANDBY = 1;
const TABLE = 'CREATE TABLE IF NOT EXISTS kv (k text COLLATE "C" PRIMARY KEY, v text NOT NULL)';

export default defineCluster({
  kind: 'cluster',
  name: 'postgres',
  doc: 'PostgreSQL with a standby; isolation=serializable, replication=async or sync',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  nodes: 2,
  ports: ['sql'],
  urlPort: 'sql',
  needs: ['postgres'],
  drivers: ['pg'],
  checkSettings: (settings) => void choicesOf(settings),
  async start(site, settings): Promise<Cluster> {
    const { isolation, replication } = choicesOf(settings);
    await site.link(STANDBY, PRIMARY, 'sql');
    await startPrimary(site);
    if (site.nodes > 1) await startStandby(site);
    await withPostgres(site, PRIMARY, async (client) => {
      await client.query(TABLE);
      if (replication === 'async') return;
      await client.query(`ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)'`);
      await client.query('SELECT pg_reload_conf()');
    });
    return {
      async connect(client, node) {
        const address = await site.clientAddress(client, node, 'sql');
        return sqlSession(
          postgresConnection(await openPostgres(address, site.login(node))),
          postgresDialect(isolation),
        );
      },
      primary: () => primaryOf(site),
      async promote(node) {
        await withPostgres(site, node, (client) => client.query('SELECT pg_promote(true, 10)'));
      },
      clock: (node) =>
        withPostgres(site, node, async (client) => {
          const { rows } = await client.query(
            'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
          );
          return Number(rows[0].ms);
        }),
      close: async () => undefined,
    };
  },
});

const serverSettings = (site: Site, node: number) => [
  `listen_addresses = '${site.bindAddress}'`,
  `port = ${site.port(node, 'sql')}`,
  "unix_socket_directories = ''",
  'max_connections = 60',
  'shared_buffers = 32MB',
  'wal_receiver_timeout = 3s',
  'wal_sender_timeout = 3s',
  'wal_retrieve_retry_interval = 200ms',
  'wal_receiver_status_interval = 1s',
  'hot_standby_feedback = off',
];

async function startPrimary(site: Site): Promise<void> {
  const data = `${site.directory(PRIMARY)}/data`;
  await site.run(PRIMARY, {
    name: 'initdb',
    program: 'initdb',
    user: USER,
    args: ['-D', data, '-U', 'assay', '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
  });
  await startServer(site, PRIMARY);
}

async function startStandby(site: Site): Promise<void> {
  const [host, port] = [site.host(PRIMARY), String(site.port(PRIMARY, 'sql'))];
  await site.run(STANDBY, {
    name: 'basebackup',
    program: 'pg_basebackup',
    user: USER,
    args: [
      ...['-h', host, '-p', port, '-U', 'assay', '-D', `${site.directory(STANDBY)}/data`],
      ...['-X', 'stream', '--checkpoint=fast', '--no-sync', '-R'],
    ],
  });
  const source = `host=${host} port=${port} user=assay application_name=standby`;
  await startServer(site, STANDBY, [`primary_conninfo = '${source}'`]);
}

/** Settings go on the command line, so that a copy of the primary's files can't bring its own. */
async function startServer(site: Site, node: number, more: readonly string[] = []): Promise<void> {
  const settings = [...serverSettings(site, node), ...more];
  await site.start(node, {
    name: 'postgres',
    program: 'postgres',
    user: USER,
    args: [
      ...['-D', `${site.directory(node)}/data`],
      ...settings.flatMap((setting) => ['-c', setting.replace(/ = '?(.*?)'?$/, '=$1')]),
    ],
    ready: () =>
      withPostgres(site, node, async (client) => {
        if (node === PRIMARY) return;
        const { rows } = await client.query('SELECT status FROM pg_stat_wal_receiver');
        if (rows[0]?.status !== 'streaming') throw new Error('the standby does not stream yet');
      }),
  });
}

/** The node that is not in recovery; of two the later one, which was promoted. */
async function primaryOf(site: Site): Promise<number | undefined> {
  const ask = (node: number) =>
    soon(
      ASK_MS,
      withPostgres(site, node, async (client) => {
        const { rows } = await client.query('SELECT pg_is_in_recovery() AS standby');
        return rows[0].standby === false;
      }),
    );
  const second = site.nodes > 1 ? await ask(STANDBY) : undefined;
  const first = await ask(PRIMARY);
  if (second === true) return STANDBY;
  return first === true ? PRIMARY : undefined;
}

async function withPostgres<T>(
  site: Site,
  node: number,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openPostgres(site.control(node, 'sql'), site.login(node));
  try {
    return await use(client);
  } finally {
    await postgresConnection(client).close();
  }
}

const LEVELS = ['read committed', 'repeatable read', 'serializable'];

function choicesOf(settings: Settings): { isolation: string; replication: string } {
  const { isolation = 'serializable', replication = 'async', ...rest } = settings;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`postgres has no setting ${unknown}`);
  if (!LEVELS.includes(String(isolation))) {
    throw new Error(`isolation is ${isolation}, not one of ${LEVELS.join(', ')}`);
  }
  if (replication !== 'async' && replication !== 'sync') {
    throw new Error(`replication is ${replication}, not async or sync`);
  }
  return { isolation: String(isolation), replication };
}
