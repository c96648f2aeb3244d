/** What this machine offers (programs, privileges, Docker), and how to install what is missing. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ability {
  readonly doc: string;
  readonly install: string;
  available(): boolean;
}

const POSTGRES = '/usr/lib/postgresql';

/** Debian keeps some servers off PATH; of several PostgreSQLs the newest counts. */
function places(): string[] {
  const versions = existsSync(POSTGRES)
    ? readdirSync(POSTGRES).sort((a, b) => Number(b) - Number(a))
    : [];
  return [
    ...versions.map((version) => join(POSTGRES, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
  ];
}

/** The program's path, or `undefined`. */
export function findProgram(name: string): string | undefined {
  const paths = name.includes('/') ? [name] : places().map((place) => join(place, name));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const program = (name: string, doc: string, install: string): Ability => ({
  doc,
  install,
  available: () => findProgram(name) !== undefined,
});

const LIBFAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
];

export function findLibfaketime(): string | undefined {
  return LIBFAKETIME.find((path) => existsSync(path));
}

const MYROCKS = ['/usr/lib/mysql/plugin/ha_rocksdb.so', '/usr/lib64/mysql/plugin/ha_rocksdb.so'];

let canUnshare: boolean | undefined;
let canTrace: boolean | undefined;

const KNOWN: readonly (readonly [name: string, ability: Ability])[] = [
  ['node', { doc: 'Node 22.18 or newer, to run at all', install: 'npm ci', available: () => true }],
  [
    'temp',
    {
      doc: `a writable directory for store files (${tmpdir()})`,
      install: 'set TMPDIR',
      available: () => {
        try {
          accessSync(tmpdir(), constants.W_OK);
          return true;
        } catch {
          return false;
        }
      },
    },
  ],
  [
    'setpriv',
    program('setpriv', 'children that die with the harness', 'apt-get install util-linux'),
  ],
  [
    'hosts',
    {
      doc: 'a private /etc/hosts for each server: a link of its own for each pair of nodes',
      install: 'run as root, on Linux',
      available: () => {
        canUnshare ??=
          process.platform === 'linux' &&
          spawnSync('unshare', ['-m', 'mount', '--bind', '/etc/hosts', '/etc/hosts'], {
            stdio: 'ignore',
          }).status === 0;
        return canUnshare;
      },
    },
  ],
  [
    'docker',
    {
      doc: 'a Docker engine, for databases in containers',
      install: 'apt-get install docker.io',
      available: () => spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0,
    },
  ],
  ['etcd', program('etcd', 'etcd clusters', 'apt-get install etcd-server')],
  ['postgres', program('initdb', 'PostgreSQL', 'apt-get install postgresql')],
  ['mariadb', program('mariadbd', 'MariaDB', 'apt-get install mariadb-server')],
  [
    'myrocks',
    {
      doc: 'RocksDB as a storage engine of MariaDB',
      install: 'apt-get install mariadb-plugin-rocksdb',
      available: () => MYROCKS.some((path) => existsSync(path)),
    },
  ],
  ['redis', program('redis-server', 'Redis', 'apt-get install redis-server')],
  ['sentinel', program('redis-sentinel', 'Redis Sentinel', 'apt-get install redis-sentinel')],
  ['nats', program('nats-server', 'NATS JetStream', 'apt-get install nats-server')],
  [
    'faketime',
    {
      doc: 'libfaketime, to move the clocks of servers',
      install: 'apt-get install faketime',
      available: () => findLibfaketime() !== undefined,
    },
  ],
  [
    'fuse',
    {
      doc: 'a file system that loses power, for the databases of this machine',
      install: 'root, and a kernel with FUSE (/dev/fuse)',
      available: () => existsSync('/dev/fuse') && process.getuid?.() === 0,
    },
  ],
  [
    'strace',
    {
      doc: 'system calls that fail or lie, for the databases of this machine',
      install: 'apt-get install strace, and the right to trace',
      available: () => {
        const probe = ['-qq', '-o', '/dev/null', '-e', 'trace=none', 'true'];
        canTrace ??= spawnSync('strace', probe, { stdio: 'ignore' }).status === 0;
        return canTrace;
      },
    },
  ],
];

/** Abilities named in ASSAY_WITHOUT, by commas, count as missing. */
const isHidden = (name: string) => (process.env.ASSAY_WITHOUT ?? '').split(',').includes(name);

export const ABILITIES: ReadonlyMap<string, Ability> = new Map(
  KNOWN.map(([name, ability]) => [
    name,
    { ...ability, available: () => !isHidden(name) && ability.available() },
  ]),
);

/** What of `names` this machine lacks, in words: `etcd (apt-get install etcd-server)`. */
export function lacking(names: readonly string[]): string[] {
  return names
    .filter((name) => ABILITIES.get(name)?.available() !== true)
    .map((name) => `${name} (${ABILITIES.get(name)?.install ?? 'unknown'})`);
}
