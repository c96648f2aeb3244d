/** Requests about attributes: modes, owners, times, sizes, extended attributes. */
import { type Attributes, FsError } from '../volatile/inode.ts';
import { timeNow } from '../volatile/volatile-fs.ts';
import {
  type Handler,
  isFixed,
  NOTHING,
  PERMISSIONS,
  type Served,
  withoutPrivileges,
} from './handler.ts';
import { attributesOut, numberOut, type Request, textsOf, timeAt, uint64 } from './wire.ts';

const SETATTR = {
  mode: 1 << 0,
  uid: 1 << 1,
  gid: 1 << 2,
  size: 1 << 3,
  atime: 1 << 4,
  mtime: 1 << 5,
  atimeNow: 1 << 7,
  mtimeNow: 1 << 8,
  killPrivileges: 1 << 11,
};
const XATTR = { create: 1, replace: 2 };

export function setattr(request: Request, served: Served): Buffer {
  const { body } = request;
  const valid = body.readUInt32LE(0);
  const inode = served.nodes.inode(request.node);
  const has = (bit: number) => (valid & bit) !== 0;
  const changed: Partial<Record<keyof Attributes, unknown>> = {};
  if (has(SETATTR.mode)) changed.mode = body.readUInt32LE(68) & PERMISSIONS;
  if (has(SETATTR.uid)) changed.uid = body.readUInt32LE(76);
  if (has(SETATTR.gid)) changed.gid = body.readUInt32LE(80);
  if (has(SETATTR.atime)) changed.atime = has(SETATTR.atimeNow) ? timeNow() : timeAt(body, 32, 56);
  if (has(SETATTR.mtime)) changed.mtime = has(SETATTR.mtimeNow) ? timeNow() : timeAt(body, 40, 60);
  const takes = has(SETATTR.killPrivileges) || has(SETATTR.uid) || has(SETATTR.gid);
  const mode = withoutPrivileges(inode);
  if (takes && !has(SETATTR.mode) && inode.kind === 'file' && mode !== inode.now.attributes.mode)
    changed.mode = mode;
  served.power.change('entry', (fs) => {
    if (has(SETATTR.size)) fs.truncate(inode, uint64(body, 16));
    if (Object.keys(changed).length > 0) fs.setAttributes(inode, changed as Partial<Attributes>);
  });
  return attributesOut(inode, isFixed(request));
}

/** Returns a value, or only its length if the request asks for that. */
function valueOut(value: Buffer, room: number): Buffer {
  if (room === 0) return numberOut(value.length, 4);
  if (value.length > room) throw new FsError('ERANGE');
  return value;
}

export function setxattr(request: Request, served: Served): Buffer {
  const { body } = request;
  const [size, flags] = [body.readUInt32LE(0), body.readUInt32LE(4)];
  const name = textsOf(body, 8)[0]!;
  const value = Buffer.from(body.subarray(8 + name.length + 1, 8 + name.length + 1 + size));
  if (name.startsWith('system.')) throw new FsError('EOPNOTSUPP');
  const inode = served.nodes.inode(request.node);
  const { extended } = inode.now.attributes;
  if ((flags & XATTR.create) !== 0 && extended.has(name)) throw new FsError('EEXIST');
  if ((flags & XATTR.replace) !== 0 && !extended.has(name)) throw new FsError('ENODATA');
  served.power.change('entry', (fs) =>
    fs.setAttributes(inode, { extended: new Map(extended).set(name, value) }),
  );
  return NOTHING;
}

export function removexattr(request: Request, served: Served): Buffer {
  const inode = served.nodes.inode(request.node);
  const extended = new Map(inode.now.attributes.extended);
  if (!extended.delete(textsOf(request.body)[0]!)) throw new FsError('ENODATA');
  served.power.change('entry', (fs) => fs.setAttributes(inode, { extended }));
  return NOTHING;
}

export const getxattr: Handler = ({ node, body }, { nodes }) => {
  const value = nodes.inode(node).now.attributes.extended.get(textsOf(body, 8)[0]!);
  if (value === undefined) throw new FsError('ENODATA');
  return valueOut(value, body.readUInt32LE(0));
};

export const listxattr: Handler = ({ node, body }, { nodes }) => {
  const names = [...nodes.inode(node).now.attributes.extended.keys()];
  const list = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
  return valueOut(list, body.readUInt32LE(0));
};
