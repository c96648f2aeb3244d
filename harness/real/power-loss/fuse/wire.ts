/**
 * The kernel's FUSE protocol, version 7.38: layouts of requests and replies. Numbers are little-endian;
 * names and link targets are bytes, kept as latin1 strings so that no byte is lost. Source:
 * include/uapi/linux/fuse.h.
 */
import { constants } from 'node:os';
import { PAGE_BYTES } from '../volatile/content.ts';
import type { Inode, InodeKind, Time } from '../volatile/inode.ts';

export const OPCODES = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  setxattr: 21,
  getxattr: 22,
  listxattr: 23,
  removexattr: 24,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  create: 35,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  fallocate: 43,
  rename2: 45,
  lseek: 46,
  syncfs: 50,
  tmpfile: 51,
} as const;

export type Operation = keyof typeof OPCODES;
export const ROOT_ID = 1;
export const HEADER_BYTES = 40;
export const WRITE_BYTES_MAX = 1024 * 1024;
const OUT_HEADER_BYTES = 16;
const TWO_POW_32 = 2 ** 32;
const FORMATS: Readonly<Record<InodeKind, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  special: 0,
};
/** Cache lifetime: the kernel is the only writer, so its cached attributes stay valid. */
const VALID_SECONDS = 3600;

export interface Request {
  readonly opcode: number;
  readonly unique: bigint;
  readonly node: number;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly body: Buffer;
}

export function requestOf(bytes: Buffer): Request {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: uint64(bytes, 16),
    uid: bytes.readUInt32LE(24),
    gid: bytes.readUInt32LE(28),
    pid: bytes.readUInt32LE(32),
    body: bytes.subarray(HEADER_BYTES, bytes.readUInt32LE(0)),
  };
}

export function answerOf(unique: bigint, errno: number, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(OUT_HEADER_BYTES + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeInt32LE(-errno, 4);
  bytes.writeBigUInt64LE(unique, 8);
  body.copy(bytes, OUT_HEADER_BYTES);
  return bytes;
}

export function errnoOf(code: string): number {
  const known = constants.errno as Readonly<Record<string, number>>;
  return known[code] ?? known.EIO!;
}

/** Exact up to 2^53, which no offset exceeds. */
export function uint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * TWO_POW_32;
}

function putUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % TWO_POW_32, at);
  bytes.writeUInt32LE(Math.floor(value / TWO_POW_32) % TWO_POW_32, at + 4);
}

/** Seconds may be negative (before 1970). */
export function timeAt(bytes: Buffer, secondsAt: number, nanosecondsAt: number): Time {
  return [Number(bytes.readBigInt64LE(secondsAt)), bytes.readUInt32LE(nanosecondsAt)];
}

/** Consecutive zero-terminated strings. */
export function textsOf(bytes: Buffer, from = 0): string[] {
  return bytes.toString('latin1', from).split('\0');
}

export function modeOf(inode: Inode): number {
  return inode.kind === 'special'
    ? inode.format | inode.now.attributes.mode
    : FORMATS[inode.kind] | inode.now.attributes.mode;
}

function sizeOf({ kind, now, target }: Inode): number {
  if (kind === 'symlink') return target.length;
  return kind === 'directory' ? PAGE_BYTES : now.content.size;
}

function linksOf({ kind, now, links }: Inode): number {
  if (kind !== 'directory') return links;
  let count = 2;
  for (const child of now.children.values()) if (child.kind === 'directory') count++;
  return count;
}

const ATTRIBUTE_BYTES = 88;

function putAttributes(bytes: Buffer, inode: Inode, at: number): void {
  const { atime, mtime, ctime, uid, gid } = inode.now.attributes;
  putUint64(bytes, inode.number, at);
  putUint64(bytes, sizeOf(inode), at + 8);
  const pages = inode.kind === 'directory' ? 1 : inode.now.content.allocatedPages;
  putUint64(bytes, (pages * PAGE_BYTES) / 512, at + 16);
  for (const [i, [seconds, nanoseconds]] of [atime, mtime, ctime].entries()) {
    bytes.writeBigInt64LE(BigInt(seconds), at + 24 + 8 * i);
    bytes.writeUInt32LE(nanoseconds, at + 48 + 4 * i);
  }
  const rest = [modeOf(inode), linksOf(inode), uid, gid, inode.device, PAGE_BYTES, 0];
  for (const [i, value] of rest.entries()) bytes.writeUInt32LE(value, at + 60 + 4 * i);
}

export function attributesOut(inode: Inode, isFixed: boolean): Buffer {
  const bytes = Buffer.alloc(16 + ATTRIBUTE_BYTES);
  putUint64(bytes, isFixed ? VALID_SECONDS : 0, 0);
  putAttributes(bytes, inode, 16);
  return bytes;
}

/** `isFixed`: the kernel may cache the lookup. */
export function entryOut(inode: Inode, node: number, isFixed: boolean): Buffer {
  const bytes = Buffer.alloc(40 + ATTRIBUTE_BYTES);
  putUint64(bytes, node, 0);
  putUint64(bytes, isFixed ? VALID_SECONDS : 0, 16);
  putUint64(bytes, VALID_SECONDS, 24);
  putAttributes(bytes, inode, 40);
  return bytes;
}

const KEEP_CACHE = 2;
/** Closing a file writes nothing back; the kernel writes memory-mapped changes back later. */
const NO_FLUSH = 32;

export function openOut(handle: number): Buffer {
  const bytes = Buffer.alloc(16);
  putUint64(bytes, handle, 0);
  bytes.writeUInt32LE(KEEP_CACHE | NO_FLUSH, 8);
  return bytes;
}

export function numberOut(value: number, bytes: 4 | 8): Buffer {
  const out = Buffer.alloc(8);
  if (bytes === 8) putUint64(out, value, 0);
  else out.writeUInt32LE(value, 0);
  return out;
}

export function statfsOut(pages: number, used: number, inodes: number): Buffer {
  const bytes = Buffer.alloc(80);
  const free = Math.max(0, pages - used);
  for (const [i, value] of [pages, free, free, 2 ** 20, 2 ** 20 - inodes].entries())
    putUint64(bytes, value, 8 * i);
  for (const [i, value] of [PAGE_BYTES, 255, PAGE_BYTES].entries())
    bytes.writeUInt32LE(value, 40 + 4 * i);
  return bytes;
}

/** `offset`: the position after this entry, from which the listing continues. */
export function directoryEntry({
  inode,
  name,
  offset,
}: {
  readonly inode: Inode;
  readonly name: string;
  readonly offset: number;
}): Buffer {
  const bytes = Buffer.alloc(Math.ceil((24 + name.length) / 8) * 8);
  putUint64(bytes, inode.number, 0);
  putUint64(bytes, offset, 8);
  bytes.writeUInt32LE(name.length, 16);
  bytes.writeUInt32LE(modeOf(inode) >> 12, 20);
  bytes.write(name, 24, 'latin1');
  return bytes;
}

const MINOR = 38;
const MAX_PAGES = WRITE_BYTES_MAX / PAGE_BYTES;
/**
 * Capabilities: parallel reads, large writes, parallel directory operations, more pages per request,
 * cached links. Set-user-ID bits are cleared here, so that a write needs no request for attributes.
 */
const WANTED = (1 << 0) | (1 << 5) | (1 << 18) | (1 << 22) | (1 << 23) | (1 << 28);

export function initOut(body: Buffer): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(7, 0);
  bytes.writeUInt32LE(MINOR, 4);
  bytes.writeUInt32LE(body.readUInt32LE(8), 8);
  bytes.writeUInt32LE((WANTED & body.readUInt32LE(12)) >>> 0, 12);
  bytes.writeUInt16LE(32, 16);
  bytes.writeUInt16LE(24, 18);
  bytes.writeUInt32LE(WRITE_BYTES_MAX, 20);
  bytes.writeUInt32LE(1, 24);
  bytes.writeUInt16LE(MAX_PAGES, 28);
  return bytes;
}
