/** Requests about the bytes of open files. */
import { constants } from 'node:fs';
import { PAGE_BYTES, SECTOR_BYTES } from '../volatile/content.ts';
import { FsError, type Inode } from '../volatile/inode.ts';
import { fileOf, NOTHING, type Served, withoutPrivileges } from './handler.ts';
import { numberOut, type Request, uint64 } from './wire.ts';

const KILL_PRIVILEGES = { write: 1 << 2, open: 1 << 0 };
const FALLOCATE = { keepSize: 1, punch: 2, zero: 16 };
const SEEK_DATA = 3;

export function read(request: Request, served: Served): Buffer {
  const { body } = request;
  const { inode } = fileOf(request, served);
  void served.power.fs;
  const offset = uint64(body, 8);
  const bytes = Buffer.alloc(body.readUInt32LE(16));
  const isDirect = refuseUnaligned(body, offset, bytes.length);
  const length = inode.now.content.read(bytes, offset);
  if (isDirect && inode.stale.size > 0) readMedium(inode, bytes.subarray(0, length), offset);
  return bytes.subarray(0, length);
}

/** Direct reads bypass the cache: pages whose sync failed have the medium's content. */
function readMedium(inode: Inode, bytes: Buffer, offset: number): void {
  for (const page of inode.stale) {
    const at = Math.max(offset, page * PAGE_BYTES);
    const end = Math.min(offset + bytes.length, (page + 1) * PAGE_BYTES);
    if (end > at) inode.medium.content.read(bytes.subarray(at - offset, end - offset), at);
  }
}

function refuseUnaligned(body: Buffer, offset: number, length: number): boolean {
  const isDirect = (body.readUInt32LE(32) & constants.O_DIRECT) !== 0;
  if (isDirect && (offset % SECTOR_BYTES !== 0 || length % SECTOR_BYTES !== 0))
    throw new FsError('EINVAL');
  return isDirect;
}

export function write(request: Request, served: Served): Buffer {
  const { body } = request;
  const { inode } = fileOf(request, served);
  const offset = uint64(body, 8);
  const length = body.readUInt32LE(16);
  refuseUnaligned(body, offset, length);
  const kills = (body.readUInt32LE(20) & KILL_PRIVILEGES.write) !== 0;
  const taken = served.power.change('write', (fs, share) => {
    const part = Math.ceil(length * share);
    fs.write(inode, body.subarray(40, 40 + part), offset);
    if (kills) fs.setAttributes(inode, { mode: withoutPrivileges(inode) });
    return part;
  });
  return numberOut(taken, 4);
}

export function fsync(
  request: Request,
  served: Served,
  done: (error?: FsError) => void,
): undefined {
  const file = fileOf(request, served);
  const dataOnly = (request.body.readUInt32LE(8) & 1) !== 0;
  served.power.sync({ inode: file.inode, dataOnly }, (error) => {
    // Each file that was open at the failure reports it once.
    const hasFailed = file.inode.failedSyncs > file.reported;
    file.reported = file.inode.failedSyncs;
    done(error ?? (hasFailed ? new FsError('EIO') : undefined));
  });
}

export function fallocate(request: Request, served: Served): Buffer {
  const { body } = request;
  const { inode } = fileOf(request, served);
  const [offset, length, mode] = [uint64(body, 8), uint64(body, 16), body.readUInt32LE(24)];
  const keepsSize = (mode & FALLOCATE.keepSize) !== 0;
  const rest = mode & ~FALLOCATE.keepSize;
  if (rest !== 0 && rest !== FALLOCATE.punch && rest !== FALLOCATE.zero)
    throw new FsError('EOPNOTSUPP');
  served.power.change('write', (fs) => {
    if (rest !== 0) fs.punch(inode, offset, Math.min(length, 2 ** 40));
    if (rest !== FALLOCATE.punch) fs.allocate(inode, offset, length, keepsSize);
  });
  return NOTHING;
}

export function lseek(request: Request, served: Served): Buffer {
  const { body } = request;
  const what = body.readUInt32LE(16) === SEEK_DATA ? 'data' : 'hole';
  const found = fileOf(request, served).inode.now.content.seek(uint64(body, 8), what);
  if (found === undefined) throw new FsError('ENXIO');
  return numberOut(found, 8);
}
