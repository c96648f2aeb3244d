/** Context and result types that all request handlers share. */
import type { PoweredFs } from '../powered-fs.ts';
import type { FsError, Inode } from '../volatile/inode.ts';
import type { NodeTable } from './node-table.ts';
import { type Request, ROOT_ID, uint64 } from './wire.ts';

export interface Served {
  readonly power: PoweredFs;
  readonly nodes: NodeTable;
}

/** A handler that returns `undefined` answers later, through `done`. */
export type Handler = (
  request: Request,
  served: Served,
  done: (error?: FsError) => void,
) => Buffer | undefined;

export const NOTHING = Buffer.alloc(0);
export const PERMISSIONS = 0o7777;

/** Names in the root are not cached: after a cut they refer to other inodes. */
export const isFixed = (request: Request) => request.node !== ROOT_ID;

export function fileOf({ body }: Request, { nodes }: Served) {
  return nodes.file(uint64(body, 0));
}

/** The mode without set-user-ID and set-group-ID, as after a write. */
export function withoutPrivileges({ now: { attributes } }: Inode): number {
  const { mode } = attributes;
  const group = (mode & 0o2010) === 0o2010 ? 0o2000 : 0;
  return mode & ~(0o4000 | group);
}
