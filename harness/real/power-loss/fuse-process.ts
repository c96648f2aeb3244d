/**
 * The process that serves one mount. A file system of its own process must not be touched by the
 * process that serves it: it would wait for itself.
 *
 *     node fuse-process.ts <mount point> [uid gid]
 */
import { createRequire } from 'node:module';
import { Prng } from '../../random/prng.ts';
import type { FuseAnswer, FuseRequest } from './fuse-protocol.ts';
import { FsError, type Inode, type Owner, VolatileFs } from './volatile-fs.ts';

type Callback = (code: number, ...values: unknown[]) => void;
type Handlers = Record<string, (...args: never[]) => void>;
interface FuseModule {
  new (
    mount: string,
    handlers: Handlers,
    options: Record<string, unknown>,
  ): {
    mount(done: (error: Error | null) => void): void;
    unmount(done: (error: Error | null) => void): void;
  };
  readonly [errno: string]: unknown;
}

const Fuse = createRequire(import.meta.url)('fuse-native') as FuseModule;
const mount = process.argv[2]!;
const owner: Owner = {
  uid: Number(process.argv[3] ?? process.getuid?.() ?? 0),
  gid: Number(process.argv[4] ?? process.getgid?.() ?? 0),
};
const fs = new VolatileFs(owner);
fs.root.mode = 0o777;
const open = new Map<number, Inode>();
let handles = 0;

const FILE_TYPE = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;
const BLOCK_BYTES = 4096;

function statOf(inode: Inode) {
  const time = new Date(inode.timeMs);
  return {
    mtime: time,
    atime: time,
    ctime: time,
    nlink: inode.kind === 'directory' ? 2 : inode.links,
    size: inode.kind === 'file' ? inode.file.size : inode.target.length,
    mode: FILE_TYPE[inode.kind] | inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    ino: inode.number,
    blocks: Math.ceil(inode.file.size / 512),
  };
}

/** Runs `act` and answers its value, or the errno it threw. */
// biome-ignore lint/suspicious/noConfusingVoidType: most calls answer nothing
function answering<A extends unknown[]>(act: (...args: A) => readonly unknown[] | void) {
  return (...args: [...A, Callback]) => {
    const done = args.pop() as Callback;
    try {
      done(0, ...(act(...(args as unknown as A)) ?? []));
    } catch (error) {
      const code = error instanceof FsError ? error.code : 'EIO';
      done((Fuse[code] as number | undefined) ?? (Fuse.EIO as number));
    }
  };
}

function handle(inode: Inode): number {
  open.set(++handles, inode);
  return handles;
}

const at = (path: string, descriptor: number) => open.get(descriptor) ?? fs.find(path);

const handlers = {
  getattr: answering((path: string) => [statOf(fs.find(path))]),
  fgetattr: answering((path: string, descriptor: number) => [statOf(at(path, descriptor))]),
  readdir: answering((path: string) => [[...fs.find(path).children.keys()]]),
  access: answering((path: string) => void fs.find(path)),
  statfs: answering(() => [
    {
      bsize: BLOCK_BYTES,
      frsize: BLOCK_BYTES,
      blocks: 2 ** 21,
      bfree: 2 ** 20,
      bavail: 2 ** 20,
      files: 2 ** 20,
      ffree: 2 ** 19,
      favail: 2 ** 19,
      fsid: 1,
      flag: 0,
      namemax: 255,
    },
  ]),
  open: answering((path: string) => [handle(fs.find(path))]),
  opendir: answering((path: string) => [handle(fs.find(path))]),
  create: answering((path: string, mode: number) => [
    handle(fs.create(path, mode & 0o7777, owner)),
  ]),
  mknod: answering((path: string, mode: number) => void fs.create(path, mode & 0o7777, owner)),
  mkdir: answering((path: string, mode: number) => void fs.mkdir(path, mode & 0o7777, owner)),
  unlink: answering((path: string) => fs.unlink(path)),
  rmdir: answering((path: string) => fs.rmdir(path)),
  rename: answering((from: string, to: string) => fs.rename(from, to)),
  link: answering((path: string, other: string) => fs.link(path, other)),
  symlink: answering((target: string, path: string) => void fs.symlink(target, path, owner)),
  readlink: answering((path: string) => [fs.find(path).target]),
  chmod: answering((path: string, mode: number) => {
    fs.find(path).mode = mode & 0o7777;
    return undefined;
  }),
  chown: answering((path: string, uid: number, gid: number) => {
    Object.assign(fs.find(path), { uid, gid });
    return undefined;
  }),
  utimens: answering((path: string, _: number, modified: number) => {
    fs.find(path).timeMs = modified;
    return undefined;
  }),
  truncate: answering((path: string, size: number) => fs.find(path).file.truncate(size)),
  ftruncate: answering((path: string, descriptor: number, size: number) =>
    at(path, descriptor).file.truncate(size),
  ),
  flush: answering(() => undefined),
  fsync: answering((path: string, _: number, descriptor: number) => fs.sync(at(path, descriptor))),
  fsyncdir: answering((path: string, _: number, descriptor: number) =>
    fs.sync(at(path, descriptor)),
  ),
  release: answering((_: string, descriptor: number) => void open.delete(descriptor)),
  releasedir: answering((_: string, descriptor: number) => void open.delete(descriptor)),
  read(
    path: string,
    descriptor: number,
    buffer: Buffer,
    length: number,
    offset: number,
    done: (got: number) => void,
  ) {
    done(at(path, descriptor).file.read(buffer.subarray(0, length), offset));
  },
  write(
    path: string,
    descriptor: number,
    buffer: Buffer,
    length: number,
    offset: number,
    done: (written: number) => void,
  ) {
    const inode = at(path, descriptor);
    inode.file.write(buffer.subarray(0, length), offset);
    inode.timeMs = Date.now();
    done(length);
  },
};

const options = {
  force: true,
  allowOther: true,
  entryTimeout: '0',
  attrTimeout: '0',
  timeout: false,
};
const fuse = new Fuse(mount, handlers as unknown as Handlers, options);

function answer(message: FuseAnswer): void {
  process.send?.(message);
}

function obey(request: FuseRequest): FuseAnswer {
  const { id } = request;
  switch (request.kind) {
    case 'cut': {
      const random = new Prng(request.seed);
      const keeps = { none: () => false, all: () => true, some: () => random.chance(0.5) };
      fs.cut(keeps[request.mode]);
      open.clear();
      return { id };
    }
    case 'lie':
      fs.lies = request.lies;
      return { id };
    case 'audit':
      fs.beginAudit();
      return { id };
    case 'durable':
      return { id, durable: fs.hasDurably(Buffer.from(request.token)) };
    case 'syncs':
      return { id, syncs: fs.syncs };
  }
}

process.on('message', (request: FuseRequest) => answer(obey(request)));
process.on('disconnect', () => fuse.unmount(() => process.exit(0)));
fuse.mount((error) => {
  if (error === null || error === undefined) answer({ id: 0 });
  else answer({ id: 0, error: String(error.message ?? error) });
});
