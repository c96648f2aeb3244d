/** MariaDB: `innodb_flush_log_at_trx_commit` 1, 2 and 0, and other storage engines, RocksDB among them. */
import { join } from 'node:path';
import { driver } from '../../../targets/client/driver.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { copyInstallation, type Installer } from './installation.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

const USER = 'mysql';

interface Configuration {
  /** `innodb_flush_log_at_trx_commit`. */
  readonly flush?: 0 | 1 | 2;
  readonly engine?: 'InnoDB' | 'Aria' | 'MyISAM' | 'ROCKSDB';
  /** `rocksdb_wal_recovery_mode`: what RocksDB does about damage at the end of its log. */
  readonly walRecovery?: 0 | 1 | 2 | 3;
  /** The doublewrite buffer is off, and pages are flushed as soon as they change. */
  readonly writesOnce?: boolean;
}

const WRITES_ONCE = [
  ...['--innodb-doublewrite=0', '--innodb-max-dirty-pages-pct=0'],
  ...['--innodb-max-dirty-pages-pct-lwm=0', '--innodb-io-capacity=2000'],
];

const INSTALLER: Installer = {
  program: 'mariadb-install-db',
  user: USER,
  args: (data) => [
    ...['--no-defaults', `--datadir=${data}`, '--innodb-log-file-size=8M'],
    ...['--auth-root-authentication-method=normal', '--skip-test-db'],
  ],
};

const rocksdb = (walRecovery: number) => [
  ...['--plugin-load-add=ha_rocksdb.so', `--rocksdb-wal-recovery-mode=${walRecovery}`],
  '--rocksdb-flush-log-at-trx-commit=1',
];

async function start(
  place: Place,
  first: boolean,
  { flush = 1, engine = 'InnoDB', walRecovery, writesOnce = false }: Configuration,
): Promise<RunningVictim> {
  const data = join(place.directory, 'data');
  if (first) await copyInstallation(INSTALLER, data);
  const port = await freePort();
  const server = serverAt(place, {
    name: 'mariadb',
    program: 'mariadbd',
    user: USER,
    args: [
      ...['--no-defaults', `--datadir=${data}`, `--socket=${join(place.scratch, 'socket')}`],
      ...[`--port=${port}`, '--bind-address=127.0.0.1', `--pid-file=${join(place.scratch, 'pid')}`],
      ...['--skip-name-resolve', '--innodb-buffer-pool-size=32M', '--innodb-log-file-size=8M'],
      ...[`--innodb-flush-log-at-trx-commit=${flush}`, '--innodb-use-native-aio=0'],
      ...['--innodb-flush-log-at-timeout=60', '--innodb-flush-method=fsync'],
      ...(writesOnce ? WRITES_ONCE : []),
      ...(walRecovery === undefined ? [] : rocksdb(walRecovery)),
    ],
  });
  const { default: mariadb } = await driver('mariadb', () => import('mariadb'));
  const connect = () =>
    mariadb.createConnection({ host: '127.0.0.1', port, user: 'root', connectTimeout: 1000 });
  let connection: Awaited<ReturnType<typeof connect>> | undefined;
  try {
    await server.start(async () => {
      connection = await connect();
    });
    connection!.on('error', () => undefined);
    if (first) {
      await connection!.query('CREATE DATABASE assay');
      const columns = '(number INT PRIMARY KEY, token TEXT)';
      await connection!.query(`CREATE TABLE assay.records ${columns} ENGINE=${engine}`);
      await connection!.query('FLUSH TABLES');
    }
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    pid: server.pid,
    async write(number, token) {
      await connection!.query('INSERT INTO assay.records VALUES (?, ?)', [number, token]);
    },
    async read() {
      const rows = (await connection!.query('SELECT number FROM assay.records')) as {
        number: number;
      }[];
      return numbersOf(rows.map(({ number }) => number));
    },
    async kill() {
      await server.kill();
      connection?.destroy();
    },
  };
}

const mariadb = (name: string, expect: Victim['expect'], configuration: Configuration): Victim => ({
  system: 'mariadb',
  configuration: name,
  expect,
  needs: ['mariadb'],
  user: USER,
  start: (place, first) => start(place, first, configuration),
});

const innodb = (flush: 0 | 1 | 2, expect: Victim['expect']) =>
  mariadb(`innodb_flush_log_at_trx_commit=${flush}`, expect, { flush });

const myrocks = (walRecovery: 0 | 1 | 2 | 3, mode: string, expect: Victim['expect']): Victim => {
  const name = `ENGINE=ROCKSDB, ${mode}`;
  const needs = ['mariadb', 'myrocks'];
  return { ...mariadb(name, expect, { engine: 'ROCKSDB', walRecovery }), needs };
};

export const MARIADB_VICTIMS: readonly Victim[] = [
  innodb(1, 'keeps'),
  innodb(2, 'loses'),
  innodb(0, 'loses'),
  // "torn pages": a page that is half written at the crash can't be restored (MariaDB, doublewrite buffer).
  { ...mariadb('innodb_doublewrite=0', 'loses', { writesOnce: true }), rare: true },
  // Crash-safe by its documentation: it syncs its own log at the end of each statement.
  mariadb('ENGINE=Aria', 'keeps', { engine: 'Aria' }),
  mariadb('ENGINE=MyISAM', 'loses', { engine: 'MyISAM' }),
  // Each commit is synced; the modes differ in how they treat a torn record
  // (WALRecoveryMode, rocksdb/options.h).
  myrocks(0, 'kTolerateCorruptedTailRecords', 'keeps'),
  myrocks(2, 'kPointInTimeRecovery', 'keeps'),
  myrocks(3, 'kSkipAnyCorruptedRecords', 'keeps'),
  // Refuses to open if a record is torn; none of 116 states after 44 cuts had one.
  myrocks(1, 'kAbsoluteConsistency', 'keeps'),
];
