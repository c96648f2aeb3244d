/**
 * MariaDB: one server behind a proxy. Settings: `isolation` (default serializable) and
 * `snapshotIsolation`, whether repeatable read refuses to write what changed since its snapshot.
 */
import { type Cluster, defineCluster } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { mariadbConnection, mariadbDialect, openMariadb } from './sql/mariadb-connection.ts';
import { sqlSession } from './sql/sql-session.ts';

const USER = 'mysql';
const DATABASE = 'assay';

export default defineCluster({
  kind: 'cluster',
  name: 'mariadb',
  doc: 'MariaDB with InnoDB; isolation=serializable, snapshotIsolation=false',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  nodes: 1,
  ports: ['sql'],
  urlPort: 'sql',
  needs: ['mariadb'],
  drivers: ['mariadb'],
  checkSettings: (settings) => void choicesOf(settings),
  async start(site, settings): Promise<Cluster> {
    const { isolation, snapshotIsolation } = choicesOf(settings);
    const directory = site.directory(0);
    const control = site.control(0, 'sql');
    await site.run(0, {
      name: 'install',
      program: 'mariadb-install-db',
      user: USER,
      args: [
        ...['--no-defaults', `--datadir=${directory}/data`],
        ...['--auth-root-authentication-method=normal', '--skip-test-db'],
      ],
    });
    await site.start(0, {
      name: 'mariadb',
      program: 'mariadbd',
      user: USER,
      args: [
        ...['--no-defaults', `--datadir=${directory}/data`, `--socket=${directory}/socket`],
        ...[`--port=${site.port(0, 'sql')}`, `--bind-address=${site.bindAddress}`],
        ...[`--pid-file=${directory}/pid`, '--skip-name-resolve'],
        ...['--innodb-buffer-pool-size=64M', '--innodb-lock-wait-timeout=1'],
        `--innodb-snapshot-isolation=${snapshotIsolation ? 'ON' : 'OFF'}`,
      ],
      ready: async () => (await openMariadb(control)).end(),
    });
    const login = site.login(0);
    const { database = DATABASE } = login;
    const connection = await openMariadb(control, login);
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${database}`);
    await connection.query(
      `CREATE TABLE IF NOT EXISTS ${database}.kv (k VARBINARY(255) PRIMARY KEY, v LONGBLOB NOT NULL)`,
    );
    await connection.end();
    return {
      async connect(client, node) {
        const address = await site.clientAddress(client, node, 'sql');
        const own = mariadbConnection(await openMariadb(address, { ...login, database }));
        return sqlSession(own, mariadbDialect(isolation));
      },
      primary: async () => 0,
      async clock() {
        const asked = await openMariadb(control);
        const [[seconds]] = (await asked.query('SELECT UNIX_TIMESTAMP(SYSDATE(3))')) as [[string]];
        await asked.end();
        return Number(seconds) * 1000;
      },
      close: async () => undefined,
    };
  },
});

const LEVELS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'];

function choicesOf(settings: Settings): { isolation: string; snapshotIsolation: boolean } {
  const { isolation = 'serializable', snapshotIsolation = false, ...rest } = settings;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`mariadb has no setting ${unknown}`);
  if (!LEVELS.includes(String(isolation))) {
    throw new Error(`isolation is ${isolation}, not one of ${LEVELS.join(', ')}`);
  }
  if (typeof snapshotIsolation !== 'boolean') {
    throw new Error(`snapshotIsolation is ${snapshotIsolation}, not true or false`);
  }
  return { isolation: String(isolation), snapshotIsolation };
}
