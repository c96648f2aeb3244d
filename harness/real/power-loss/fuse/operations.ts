/** Handlers of the kernel's requests; each returns the bytes of the reply. */
import type { Inode } from '../volatile/inode.ts';
import { getxattr, listxattr, removexattr, setattr, setxattr } from './attribute-operations.ts';
import { fallocate, fsync, lseek, read, write } from './file-operations.ts';
import { fileOf, type Handler, isFixed, NOTHING, PERMISSIONS, type Served } from './handler.ts';
import {
  attributesOut,
  directoryEntry,
  entryOut,
  initOut,
  type Operation,
  openOut,
  type Request,
  statfsOut,
  textsOf,
  uint64,
} from './wire.ts';

const ACCESS_MODE = 3;
const FORMAT = 0o170000;
const REGULAR_FILE = 0o100000;

function entry(request: Request, inode: Inode, { nodes }: Served): Buffer {
  return entryOut(inode, nodes.number(inode), isFixed(request));
}

/** The parent directory of a request's entry. */
const directoryOf = ({ node }: Request, { nodes }: Served) => nodes.inode(node);

function make(request: Request, served: Served, mode: number, name: string, device = 0): Inode {
  const kind = (mode & FORMAT) === REGULAR_FILE ? 'file' : 'special';
  const { uid, gid } = request;
  const directory = directoryOf(request, served);
  return served.power.change('entry', (fs) =>
    fs.make(directory, name, {
      kind,
      format: mode & FORMAT,
      device,
      mode: mode & PERMISSIONS,
      owner: ownerIn(directory, { uid, gid }),
    }),
  );
}

/** New inodes in a directory with the set-group-ID bit inherit its group. */
function ownerIn({ now: { attributes } }: Inode, owner: { uid: number; gid: number }) {
  return (attributes.mode & 0o2000) === 0 ? owner : { ...owner, gid: attributes.gid };
}

function readdir(request: Request, served: Served): Buffer {
  const file = fileOf(request, served);
  const { inode } = file;
  const first = uint64(request.body, 8);
  const limit = request.body.readUInt32LE(16);
  if (first === 0) {
    const up = inode.parent ?? inode;
    file.listing = [['.', inode], ['..', up], ...inode.now.children];
  }
  const entries: Buffer[] = [];
  let bytes = 0;
  for (let i = first; i < file.listing.length; i++) {
    const [name, child] = file.listing[i]!;
    const next = directoryEntry({ inode: child, name, offset: i + 1 });
    bytes += next.length;
    if (bytes > limit) break;
    entries.push(next);
  }
  return Buffer.concat(entries);
}

function rename(request: Request, served: Served, at: number): Buffer {
  const { body } = request;
  const flags = at === 16 ? body.readUInt32LE(8) : 0;
  const [from = '', to = ''] = textsOf(body, at);
  const target = served.nodes.inode(uint64(body, 0));
  const source = directoryOf(request, served);
  served.power.change('entry', (fs) => fs.rename([source, from], [target, to], flags));
  return NOTHING;
}

function open(request: Request, served: Served): Buffer {
  const flags = request.body.readUInt32LE(0);
  const inode = served.nodes.inode(request.node);
  void served.power.fs;
  return openOut(served.nodes.open(inode, (flags & ACCESS_MODE) !== 0));
}

function create(request: Request, served: Served, isNameless = false): Buffer {
  const { body, uid, gid } = request;
  const mode = body.readUInt32LE(4);
  const name = textsOf(body, 16)[0]!;
  const directory = directoryOf(request, served);
  const inode = isNameless
    ? served.power.change('entry', (fs) =>
        fs.makeNameless({
          kind: 'file',
          mode: mode & PERMISSIONS,
          owner: ownerIn(directory, { uid, gid }),
        }),
      )
    : make(request, served, mode, name);
  const handle = served.nodes.open(inode, true);
  return Buffer.concat([entry(request, inode, served), openOut(handle)]);
}

function release(request: Request, served: Served): Buffer {
  const inode = served.nodes.close(uint64(request.body, 0));
  if (inode !== undefined && served.power.isOn) served.power.fs.closed(inode);
  return NOTHING;
}

export const HANDLERS: Readonly<Record<Operation, Handler>> = {
  init: ({ body }) => initOut(body),
  destroy: () => NOTHING,
  lookup: (request, served) =>
    entry(
      request,
      served.power.fs.lookup(directoryOf(request, served), textsOf(request.body)[0]!),
      served,
    ),
  forget: () => NOTHING,
  batchForget: () => NOTHING,
  interrupt: () => NOTHING,
  getattr(request, served) {
    void served.power.fs;
    return attributesOut(served.nodes.inode(request.node), isFixed(request));
  },
  setattr,
  readlink: ({ node }, { nodes }) => Buffer.from(nodes.inode(node).target, 'latin1'),
  symlink(request, served) {
    const [name = '', target = ''] = textsOf(request.body);
    const { uid, gid } = request;
    const directory = directoryOf(request, served);
    const inode = served.power.change('entry', (fs) =>
      fs.make(directory, name, { kind: 'symlink', target, mode: 0o777, owner: { uid, gid } }),
    );
    return entry(request, inode, served);
  },
  mknod(request, served) {
    const { body } = request;
    const name = textsOf(body, 16)[0]!;
    const inode = make(request, served, body.readUInt32LE(0), name, body.readUInt32LE(4));
    return entry(request, inode, served);
  },
  mkdir(request, served) {
    const { body, uid, gid } = request;
    const directory = directoryOf(request, served);
    const inherited = directory.now.attributes.mode & 0o2000;
    const mode = (body.readUInt32LE(0) & PERMISSIONS) | inherited;
    const owner = ownerIn(directory, { uid, gid });
    const inode = served.power.change('entry', (fs) =>
      fs.make(directory, textsOf(body, 8)[0]!, { kind: 'directory', mode, owner }),
    );
    return entry(request, inode, served);
  },
  unlink(request, served) {
    const directory = directoryOf(request, served);
    served.power.change('entry', (fs) => fs.unlink(directory, textsOf(request.body)[0]!));
    return NOTHING;
  },
  rmdir(request, served) {
    const directory = directoryOf(request, served);
    served.power.change('entry', (fs) => fs.rmdir(directory, textsOf(request.body)[0]!));
    return NOTHING;
  },
  rename: (request, served) => rename(request, served, 8),
  rename2: (request, served) => rename(request, served, 16),
  link(request, served) {
    const inode = served.nodes.inode(uint64(request.body, 0));
    const directory = directoryOf(request, served);
    served.power.change('entry', (fs) => fs.link(inode, directory, textsOf(request.body, 8)[0]!));
    return entry(request, inode, served);
  },
  open,
  opendir: open,
  create: (request, served) => create(request, served),
  tmpfile: (request, served) => create(request, served, true),
  read,
  write,
  statfs(_, { power }) {
    const { fs } = power;
    return statfsOut(fs.capacityPages, fs.countPages(), fs.inodes);
  },
  release,
  releasedir: release,
  flush: () => NOTHING,
  fsync,
  fsyncdir: fsync,
  syncfs(_, { power }, done) {
    power.sync(undefined, done);
    return undefined;
  },
  setxattr,
  removexattr,
  getxattr,
  listxattr,
  readdir,
  fallocate,
  lseek,
};
