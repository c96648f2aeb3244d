/**
 * Bounds the memory of pending changes: above a limit, older versions of a page are dropped and the
 * newest is kept. No later cut can restore a dropped version.
 */
import { PAGE_BYTES } from './content.ts';
import type { Inode } from './inode.ts';
import { type DataChange, type Pending, type PendingLog, pagesOf } from './pending-log.ts';

const PENDING_BYTES_MAX = 128 * 1024 * 1024;
/** Minimum number of bytes between two compactions. */
const limits = new WeakMap<PendingLog, number>();

export function compact(log: PendingLog, limit = PENDING_BYTES_MAX): void {
  if (log.bytes <= Math.max(limit, limits.get(log) ?? 0)) return;
  const last = new Map<Inode, DataChange>();
  const pages = new Map<Inode, Set<number>>();
  const isFixed = new Set<Inode>();
  for (const change of log.changes) {
    if (change.kind === 'entries' || change.kind === 'attributes') {
      if (change.kind === 'entries' && change.flushes !== undefined) isFixed.add(change.flushes);
    } else if (change.kind !== 'data') isFixed.add(change.inode);
    else {
      last.set(change.inode, change);
      const touched = pages.get(change.inode) ?? new Set();
      for (const page of pagesOf(change)) touched.add(page);
      pages.set(change.inode, touched);
    }
  }
  const changes: Pending[] = [];
  for (const change of log.changes) {
    if (change.kind !== 'data' || isFixed.has(change.inode)) changes.push(change);
    else if (last.get(change.inode) === change) {
      for (const page of pages.get(change.inode)!) changes.push(newestOf(change, page));
    }
  }
  log.replace(changes);
  limits.set(log, 2 * log.bytes);
}

function newestOf(change: DataChange, page: number): DataChange {
  const { content } = change.inode.now;
  const offset = page * PAGE_BYTES;
  const bytes = Buffer.alloc(Math.min(PAGE_BYTES, content.size - offset));
  content.read(bytes, offset);
  return { ...change, offset, bytes };
}
