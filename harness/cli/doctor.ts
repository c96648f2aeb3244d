/** `assay doctor`: what this machine can do. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookUp } from '../runner/registry.ts';

interface Ability {
  readonly doc: string;
  readonly install: string;
  available(): boolean;
}

/** Debian keeps some servers off PATH. */
const EXTRA_PLACES = ['/usr/sbin', '/usr/lib/postgresql/15/bin', '/usr/local/bin'];

function hasProgram(name: string): boolean {
  const places = [...(process.env.PATH ?? '').split(':'), ...EXTRA_PLACES];
  return places.some((place) => {
    try {
      accessSync(join(place, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const program = (name: string, doc: string, install: string): Ability => ({
  doc,
  install,
  available: () => hasProgram(name),
});

const ABILITIES: ReadonlyMap<string, Ability> = new Map([
  [
    'node',
    {
      doc: 'Node 22.18 or newer, to run at all',
      install: 'npm ci',
      available: () => true,
    },
  ],
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
    'docker',
    {
      doc: 'a Docker engine, for databases in containers',
      install: 'apt-get install docker.io',
      available: () => spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0,
    },
  ],
  ['etcd', program('etcd', 'etcd clusters', 'apt-get install etcd-server')],
  ['postgres', program('postgres', 'PostgreSQL', 'apt-get install postgresql')],
  ['mariadb', program('mariadbd', 'MariaDB', 'apt-get install mariadb-server')],
  ['redis', program('redis-server', 'Redis', 'apt-get install redis-server')],
  ['nats', program('nats-server', 'NATS JetStream', 'apt-get install nats-server')],
  ['strace', program('strace', 'system call faults', 'apt-get install strace')],
]);

export function doctor(): number {
  for (const [name, ability] of ABILITIES) {
    const there = ability.available();
    const word = there ? 'yes' : 'no ';
    const hint = there ? '' : `  (${ability.install})`;
    console.log(`${word}  ${name.padEnd(10)} ${ability.doc}${hint}`);
  }
  return 0;
}

/** Of a list like `etcd,docker`, what this machine lacks. Throws UsageError for unknown names. */
export function missingRequirements(names: string): string[] {
  const wanted = names.split(',').filter((name) => name !== '');
  return wanted.filter((name) => !lookUp(ABILITIES, 'requirement', name).available());
}
