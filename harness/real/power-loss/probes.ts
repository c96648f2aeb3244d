/**
 * Probes: single calls and short sequences of calls, each in an empty directory. Used to compare the
 * file system that loses power with the machine's own: each probe must return the same on both.
 *
 * Not covered, because Node has no API for them: memory mappings, leases, extended attributes.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';

export type Probe = (d: string) => unknown;

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } =
  fs.constants;
const O_TMPFILE = 0o20200000;
const PERMISSIONS = 0o7777;
const OLD_SECONDS = 5;

const put = (path: string | Buffer, text = 'x') => fs.writeFileSync(path, text);
const read = (path: string) => fs.readFileSync(path, 'latin1');
const names = (d: string) => fs.readdirSync(d).sort();
const open = (path: string, flags: number, mode = 0o644) => fs.openSync(path, flags, mode);
const seconds = (ms: number) => Math.round(ms / 1000);

/** The errno name of a failing call. */
function codeOf(act: () => unknown): unknown {
  try {
    act();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** Size and bytes of a 16 KiB file after running the `fallocate` program on it. */
function allocated(d: string, ...how: string[]): unknown {
  put(join(d, 'a'), 'a'.repeat(16_384));
  const { status } = spawnSync('fallocate', [...how, join(d, 'a')]);
  const text = read(join(d, 'a'));
  return [status, text.length, text.replaceAll('\0', '').length];
}

/** Runs a shell command as another user; returns its exit code. */
const asNobody = (d: string, script: string) =>
  spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', script], {
    cwd: d,
  }).status;

const OPEN_FILES: Readonly<Record<string, Probe>> = {
  'an unlinked file that is open': (d) => {
    const file = open(join(d, 'a'), O_CREAT | O_RDWR);
    fs.writeSync(file, 'hello');
    fs.unlinkSync(join(d, 'a'));
    fs.writeSync(file, 'more');
    return [names(d), fs.fstatSync(file).nlink, fs.fstatSync(file).size, fs.closeSync(file)];
  },
  'rmdir where an unlinked file is open': (d) => {
    fs.mkdirSync(join(d, 's'));
    const file = open(join(d, 's/a'), O_CREAT | O_RDWR);
    fs.unlinkSync(join(d, 's/a'));
    return [codeOf(() => fs.rmdirSync(join(d, 's'))), fs.closeSync(file)];
  },
  'rename over an open file': (d) => {
    put(join(d, 'a'), 'A');
    put(join(d, 'b'), 'B');
    const file = open(join(d, 'b'), O_RDONLY);
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    const text = fs.readFileSync(file, 'latin1');
    return [names(d), text, fs.fstatSync(file).nlink, read(join(d, 'b')), fs.closeSync(file)];
  },
  'rename of a directory with an open file': (d) => {
    fs.mkdirSync(join(d, 'a'));
    const file = open(join(d, 'a/x'), O_CREAT | O_RDWR);
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    fs.writeSync(file, '2');
    return [read(join(d, 'b/x')), fs.fstatSync(file).size, fs.closeSync(file)];
  },
  'two that append': (d) => {
    const flags = O_CREAT | O_WRONLY | O_APPEND;
    const [f, g] = [open(join(d, 'a'), flags), open(join(d, 'a'), flags)];
    fs.writeSync(f, '1');
    fs.writeSync(g, '2');
    fs.writeSync(f, '3');
    fs.writeSync(f, '4', 0);
    return [read(join(d, 'a')), fs.closeSync(f), fs.closeSync(g)];
  },
  'a file without a name that is linked': (d) => {
    const file = open(d, O_TMPFILE | O_RDWR);
    fs.writeSync(file, 'x');
    const before = fs.fstatSync(file).nlink;
    const { status } = spawnSync('ln', ['-L', '/proc/self/fd/3', join(d, 'a')], {
      stdio: ['ignore', 'ignore', 'ignore', file],
    });
    return [before, status, names(d), read(join(d, 'a')), fs.closeSync(file)];
  },
  'a descriptor for reading, and one for writing': (d) => {
    put(join(d, 'a'));
    const [r, w] = [open(join(d, 'a'), O_RDONLY), open(join(d, 'a'), O_WRONLY)];
    const codes = [
      codeOf(() => fs.writeSync(r, 'x')),
      codeOf(() => fs.readSync(w, Buffer.alloc(1))),
    ];
    return [codes, fs.closeSync(r), fs.closeSync(w)];
  },
  'syncs of a directory': (d) => {
    const file = open(d, O_RDONLY | O_DIRECTORY);
    return [fs.fsyncSync(file), fs.fdatasyncSync(file), fs.closeSync(file)];
  },
  'a directory that is synced through a descriptor opened before it was renamed': (d) => {
    fs.mkdirSync(join(d, 'a'));
    const file = open(join(d, 'a'), O_RDONLY);
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    put(join(d, 'b/x'));
    return [fs.fsyncSync(file), fs.closeSync(file), names(join(d, 'b'))];
  },
};

const NAMES: Readonly<Record<string, Probe>> = {
  'links share an inode': (d) => {
    put(join(d, 'a'), 'first');
    fs.linkSync(join(d, 'a'), join(d, 'b'));
    put(join(d, 'b'), 'other');
    const [a, b] = [fs.statSync(join(d, 'a')), fs.statSync(join(d, 'b'))];
    return [a.ino === b.ino, a.nlink, read(join(d, 'a'))];
  },
  'rename of one link over another': (d) => {
    put(join(d, 'a'));
    fs.linkSync(join(d, 'a'), join(d, 'b'));
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    return names(d);
  },
  'link of a directory': (d) => {
    fs.mkdirSync(join(d, 's'));
    return codeOf(() => fs.linkSync(join(d, 's'), join(d, 't')));
  },
  'links of a directory with a directory in it': (d) => {
    fs.mkdirSync(join(d, 's/t'), { recursive: true });
    return fs.statSync(join(d, 's')).nlink;
  },
  'an inode keeps its number when it is renamed': (d) => {
    put(join(d, 'a'));
    const { ino } = fs.statSync(join(d, 'a'));
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    return fs.statSync(join(d, 'b')).ino === ino;
  },
  'rename of a directory over one with a file': (d) => {
    fs.mkdirSync(join(d, 'a'));
    fs.mkdirSync(join(d, 'b'));
    put(join(d, 'b/x'));
    return codeOf(() => fs.renameSync(join(d, 'a'), join(d, 'b')));
  },
  'rename of a directory over an empty one': (d) => {
    for (const name of ['a', 'b']) fs.mkdirSync(join(d, name));
    put(join(d, 'a/x'));
    fs.renameSync(join(d, 'a'), join(d, 'b'));
    return [names(d), names(join(d, 'b'))];
  },
  'rename of a directory into itself, and of a file over a directory': (d) => {
    fs.mkdirSync(join(d, 'a'));
    put(join(d, 'f'));
    return [
      codeOf(() => fs.renameSync(join(d, 'a'), join(d, 'a/b'))),
      codeOf(() => fs.renameSync(join(d, 'f'), join(d, 'a'))),
      codeOf(() => fs.renameSync(join(d, 'a'), join(d, 'f'))),
    ];
  },
  'names of 255 and of 256 bytes': (d) => [
    codeOf(() => put(join(d, 'n'.repeat(255)))),
    codeOf(() => put(join(d, 'n'.repeat(256)))),
    names(d),
  ],
  'names that are no UTF-8': (d) => {
    for (const byte of [0xfe, 0xff])
      put(Buffer.concat([Buffer.from(`${d}/a`), Buffer.from([byte])]));
    const found = fs.readdirSync(d, { encoding: 'buffer' });
    return found.map((name) => name.toString('hex')).sort();
  },
  'names of many scripts': (d) => {
    put(join(d, 'ünï-日本-😀'));
    return names(d);
  },
  'a path of 60 directories': (d) => {
    const deep = Array.from({ length: 60 }, () => 'd'.repeat(30)).join('/');
    fs.mkdirSync(join(d, deep), { recursive: true });
    put(join(d, deep, 'x'));
    return read(join(d, deep, 'x'));
  },
  'symbolic links': (d) => {
    put(join(d, 'a'), 'A');
    fs.symlinkSync('a', join(d, 'l'));
    fs.symlinkSync('nowhere', join(d, 'm'));
    fs.symlinkSync('t'.repeat(4000), join(d, 'long'));
    put(join(d, 'l'), 'B');
    const { size } = fs.lstatSync(join(d, 'l'));
    const target = fs.readlinkSync(join(d, 'long')).length;
    return [read(join(d, 'a')), fs.existsSync(join(d, 'm')), size, target];
  },
  'a pipe': (d) => [spawnSync('mkfifo', [join(d, 'p')]).status, fs.statSync(join(d, 'p')).isFIFO()],
  'a list of 2,000 names, unlinked while it is read': (d) => {
    for (let i = 0; i < 2000; i++) put(join(d, `f${i}`), '');
    const listing = fs.opendirSync(d);
    let seen = 0;
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      fs.unlinkSync(join(d, entry.name));
      seen++;
    }
    listing.closeSync();
    return [seen, names(d)];
  },
};

const BYTES: Readonly<Record<string, Probe>> = {
  'O_EXCL and O_TRUNC': (d) => {
    put(join(d, 'a'), '12345');
    const code = codeOf(() => open(join(d, 'a'), O_CREAT | O_EXCL | O_WRONLY));
    fs.closeSync(open(join(d, 'a'), O_WRONLY | O_TRUNC));
    return [code, read(join(d, 'a'))];
  },
  'truncate, and growth with zeros': (d) => {
    put(join(d, 'a'), 'abcdef');
    fs.truncateSync(join(d, 'a'), 3);
    fs.truncateSync(join(d, 'a'), 8);
    return read(join(d, 'a'));
  },
  'offsets beyond 4 GiB, and beyond 8 TiB': (d) => {
    const file = open(join(d, 'a'), O_CREAT | O_RDWR);
    const seen = [5 * 2 ** 30 + 123, 2 ** 43].map((at) => {
      const bytes = Buffer.alloc(5);
      fs.writeSync(file, Buffer.from('far'), 0, 3, at);
      return [fs.fstatSync(file).size, fs.readSync(file, bytes, 0, 5, at - 2), bytes.toString()];
    });
    fs.ftruncateSync(file, 4 * 2 ** 30 + 7);
    return [seen, fs.statSync(join(d, 'a')).size, fs.closeSync(file)];
  },
  'blocks of a file that is one hole': (d) => {
    put(join(d, 'a'), '');
    fs.truncateSync(join(d, 'a'), 2 ** 30);
    return fs.statSync(join(d, 'a')).blocks;
  },
  'three MiB at once': (d) => {
    const bytes = Buffer.alloc(3 * 2 ** 20, 'abcdefg');
    fs.writeFileSync(join(d, 'a'), bytes);
    return fs.readFileSync(join(d, 'a')).equals(bytes);
  },
  'a copy within the file system': (d) => {
    put(join(d, 'a'), 'abcdef'.repeat(5000));
    fs.copyFileSync(join(d, 'a'), join(d, 'b'));
    return read(join(d, 'b')) === read(join(d, 'a'));
  },
  'room that is allocated': (d) => allocated(d, '-l', '65536'),
  'room behind the end': (d) => allocated(d, '-n', '-l', '65536'),
  'a hole that is punched': (d) => allocated(d, '-p', '-o', '4096', '-l', '4096'),
  'a range that is zeroed': (d) => allocated(d, '-z', '-l', '4096'),
  'zeros that are dug': (d) => allocated(d, '-d'),
};

const ATTRIBUTES: Readonly<Record<string, Probe>> = {
  'modes and owners': (d) => {
    put(join(d, 'a'));
    fs.chmodSync(join(d, 'a'), 0o4755);
    const before = fs.statSync(join(d, 'a')).mode & PERMISSIONS;
    fs.chownSync(join(d, 'a'), 42, 43);
    const { mode, uid, gid } = fs.statSync(join(d, 'a'));
    return [before, mode & PERMISSIONS, uid, gid];
  },
  'permissions hold, and files belong to who makes them': (d) => {
    put(join(d, 'a'));
    fs.chmodSync(join(d, 'a'), 0o600);
    fs.chmodSync(d, 0o777);
    return [asNobody(d, 'cat a'), asNobody(d, 'echo >b'), fs.statSync(join(d, 'b')).uid];
  },
  'times before 1970 and after 2038': (d) => {
    put(join(d, 'a'));
    return [-100, 2_208_988_800].map((time) => {
      fs.utimesSync(join(d, 'a'), time, time);
      const { atimeMs, mtimeMs } = fs.statSync(join(d, 'a'));
      return [seconds(atimeMs), seconds(mtimeMs)];
    });
  },
  'writes and truncates change the time': (d) => {
    const isNew = (act: (path: string) => void) => {
      const path = join(d, 'a');
      put(path, '123');
      fs.utimesSync(path, OLD_SECONDS, OLD_SECONDS);
      act(path);
      return fs.statSync(path).mtimeMs > 1e6;
    };
    return [isNew((path) => fs.truncateSync(path, 1)), isNew((path) => put(path))];
  },
};

export const PROBES: Readonly<Record<string, Probe>> = {
  ...OPEN_FILES,
  ...NAMES,
  ...BYTES,
  ...ATTRIBUTES,
};
